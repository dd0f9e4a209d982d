"""What sandboxes are made of, in the cache: programs and images, and their end."""

from pathlib import Path

import click

from nim_sandbox.cli.arguments import checked, extra_options, say
from nim_sandbox.extras import EXTRAS


@click.command()
@click.option("--engine", is_flag=True, help="Pulumi and its plugins alone: enough for a preview.")
@extra_options(lambda extra: f"And what `start --{extra.name}` needs.")
def tools(*, engine: bool, **chosen: bool) -> None:
    """Find, download or build pulumi and the control plane's programs; into a cache, once."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - every command imports only what it needs: they are to be quick
    from nim_sandbox.tools import provide  # noqa: PLC0415 - as above
    from nim_sandbox.versions import TOOLS_FOLDER, version_table  # noqa: PLC0415 - as above
    from nim_sandbox.wrappers import put_within_reach  # noqa: PLC0415 - as above

    extras = checked(chosen)
    try:
        wanted = ("pulumi",) if engine else version_table().needed_by(None)
        programs = provide(say, (*wanted, *version_table().needed_by(*extras)))
        for name in extras:
            EXTRAS[name].provide(say)
    except BuildFailed as error:
        raise click.ClickException(str(error)) from error
    put_within_reach(programs["pulumi"], TOOLS_FOLDER.parent / ".sandbox", say)
    say(f"tools: {', '.join(programs)} are there")


@click.command()
@click.argument("references", metavar="[REFERENCE]...", nargs=-1)
@click.option("--describe", is_flag=True, help="Build nothing: only say what each offers, enough for a preview.")
def images(references: tuple[str, ...], *, describe: bool) -> None:
    """Make container images for sandboxes, all or those that are named; into a cache, once."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - as above
    from nim_sandbox.folder import sandboxes_home  # noqa: PLC0415 - as above
    from nim_sandbox.images import provide  # noqa: PLC0415 - as above
    from nim_sandbox.images.layout import digest_of  # noqa: PLC0415 - as above

    wanted, home = references or provide.references(), sandboxes_home(Path.cwd())
    try:
        if describe:
            provide.describe(wanted, home)
            return
        layouts = provide.provide(wanted, home, say)
    except (BuildFailed, provide.NoSuchImage) as error:
        raise click.ClickException(str(error)) from error
    for reference, layout in layouts.items():
        say(f"{reference}@{digest_of(layout)}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list it.")
def prune(*, dry_run: bool) -> None:
    """Remove from the cache what this checkout does not name: other versions, other images, what Go built with."""
    from nim_profiles.units import GIB  # noqa: PLC0415 - as above
    from nim_sandbox.cache import Cache, CacheInUse  # noqa: PLC0415 - as above
    from nim_sandbox.prune import leftovers, programs_run, remove  # noqa: PLC0415 - as above

    cache, total_bytes = Cache.of(), 0
    try:
        with cache.alone():
            if running := programs_run(cache):
                say("programs stay, whichever version: a sandbox runs")
            for one in leftovers(cache, programs_too=not running):
                print(f"{one.path.relative_to(cache.root)}: {one.size_bytes / GIB:.1f} GiB")
                total_bytes += one.size_bytes
                if not dry_run:
                    remove(one)
    except CacheInUse as error:
        raise click.ClickException(str(error)) from error
    print(f"{total_bytes / GIB:.1f} GiB {'would be' if dry_run else 'are'} removed from {cache.root}")
