"""`python -m nim_sandbox.node`: becomes the node. Ends when told to; then nothing of the node is left but its folder.

Everything runs below one process that is number 1 of its own process ids, mounts and network. The kernel kills all of
them with it, and it dies with its parent, which is the process that the sandbox records and stops.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from nim_sandbox.cache import Cache
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.node import cgroups, namespaces
from nim_sandbox.node.life import Node
from nim_sandbox.node.programs import find
from nim_sandbox.node.settings import Installed
from nim_sandbox.node.store import store
from nim_sandbox.tools import locate
from nim_sandbox.versions import version_table


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, type=Path)
    for name in ("api-port", "health-port"):
        parser.add_argument(f"--{name}", required=True, type=int)
    arguments = parser.parse_args()
    programs, (runc, plugins) = locate(version_table().needed_by("node")), find(Cache.of())
    if runc is None or plugins is None:
        sys.exit("runc or the CNI plugins are not provided yet: run `nim-sandbox tools --node`")
    folder = SandboxFolder(arguments.root)
    folder.node.mkdir(exist_ok=True)
    images = store(folder, Cache.of())  # its lock is held until this process ends
    ports = arguments.api_port, arguments.health_port
    node = Node(folder, programs, Installed(runc, plugins), images.folder, *ports)
    cgroups.make(node.cgroup)
    machine = os.open("/proc/self/ns/net", os.O_RDONLY)
    os.set_inheritable(machine, True)  # noqa: FBT003 - its only way to be called
    namespaces.unshare(namespaces.CLONE_NEWNS | namespaces.CLONE_NEWPID | namespaces.CLONE_NEWNET)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        namespaces.die_with_parent(signal.SIGKILL)
        os.close(writing)
        if os.read(reading, 1):  # nothing: the parent had gone before the line above
            node.live(machine)
        os._exit(1)
    folder.first_process.write_text(str(child), encoding="ascii")
    os.write(writing, b".")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.kill(child, signal.SIGKILL))
    _, status = os.waitpid(child, 0)
    cgroups.remove(node.cgroup)
    sys.exit(os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL))


if __name__ == "__main__":
    main()
