"""The group of all commands."""

import click

from nim_sandbox.cli import node, provided, sandbox


@click.group()
def main() -> None:
    """A Kubernetes control plane on this machine, with simulated GPU nodes, all of it in one folder.

    Sandboxes live in $NIM_SANDBOX_HOME, by default .sandbox/ of the current folder.
    """


for command in (
    *(provided.tools, provided.images, provided.prune),
    *(sandbox.start, sandbox.stop, sandbox.status, sandbox.env, sandbox.run),
    *(node.load, node.forward, node.files),
):
    main.add_command(command)
