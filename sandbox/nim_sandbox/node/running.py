"""The real node of a sandbox that runs, for programs outside of it."""

from nim_sandbox import process
from nim_sandbox.folder import SandboxFolder


class NoNode(RuntimeError):
    """The sandbox runs no real node."""


def first_process(folder: SandboxFolder) -> int:
    """Id of the process whose namespaces are the node's. Raises NoNode."""
    record = process.read_record(folder.processes / "node")
    if record is None or not process.alive(record) or not folder.first_process.exists():
        raise NoNode(f"sandbox {folder.root.name} has no real node: start it with `nim-sandbox start NAME --node`")
    return int(folder.first_process.read_text(encoding="ascii"))
