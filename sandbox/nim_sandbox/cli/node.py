"""What only a sandbox with a real node has: its images, its services, its claims."""

import click

from nim_sandbox.cli.arguments import NAME, named, say
from nim_sandbox.folder import SandboxFolder


@click.command()
@NAME
@click.argument("references", nargs=-1, required=True, metavar="REFERENCE...")
def load(folder: SandboxFolder, references: tuple[str, ...]) -> None:
    """Put images that are made here into the real node of NAME, and beside them a mirror of the model's files."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - every command imports only what it needs: they are to be quick
    from nim_sandbox.cache import Cache  # noqa: PLC0415 - as above
    from nim_sandbox.images import provide  # noqa: PLC0415 - as above
    from nim_sandbox.node.images import MIRROR, ImportFailed, load_into  # noqa: PLC0415 - as above
    from nim_sandbox.node.running import NoNode  # noqa: PLC0415 - as above
    from nim_sandbox.objects import apply_objects  # noqa: PLC0415 - as above
    from nim_sandbox.tools import MissingTools  # noqa: PLC0415 - as above

    try:
        with Cache.of().in_use():
            layouts = provide.provide({*references, MIRROR}, folder.root.parent, say)
            for layout in layouts.values():
                load_into(folder, layout, say)
        apply_objects(folder.kubeconfig, "mirror.yaml")
    except (BuildFailed, ImportFailed, MissingTools, NoNode, provide.NoSuchImage) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@NAME
@named("SERVICE")
def forward(folder: SandboxFolder, service: tuple[str, str]) -> None:
    """Let this machine through to a service of NAME; prints the URL. Ends when NAME stops."""
    from nim_sandbox.node.forward import ForwardFailed  # noqa: PLC0415 - as above
    from nim_sandbox.node.forward import start as start_forward  # noqa: PLC0415 - as above
    from nim_sandbox.node.running import NoNode  # noqa: PLC0415 - as above

    try:
        print(f"http://127.0.0.1:{start_forward(folder, *service)}")
    except (ForwardFailed, NoNode) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@NAME
@named("CLAIM")
def files(folder: SandboxFolder, claim: tuple[str, str]) -> None:
    """Say what lies in a claim on the real node of NAME: bytes and path, a file a line."""
    from nim_sandbox.node.running import NoNode, first_process  # noqa: PLC0415 - as above
    from nim_sandbox.node.volumes import NoVolume  # noqa: PLC0415 - as above
    from nim_sandbox.node.volumes import files as files_of  # noqa: PLC0415 - as above
    from nim_sandbox.objects import client  # noqa: PLC0415 - as above

    try:
        first_process(folder)
        with client(folder.kubeconfig) as api:
            found = files_of(api, *claim, folder.volumes)
    except (NoNode, NoVolume) as error:
        raise click.ClickException(str(error)) from error
    for path, size in found.items():
        print(f"{size} {path}")
