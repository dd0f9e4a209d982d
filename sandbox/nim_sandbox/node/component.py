"""The real node as a part of a sandbox: what is started, what it needs before, and what is cleaned up after it."""

from collections.abc import Mapping

from nim_sandbox.certificates import KUBELET, NODE_AGENT
from nim_sandbox.components import Component
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.kubeconfig import write_kubeconfigs
from nim_sandbox.node import cgroups, forward
from nim_sandbox.node.settings import cgroup

PORTS = ("node",)
"""Where its kubelet says that it is well."""


def components(folder: SandboxFolder, ports: Mapping[str, int]) -> tuple[Component, ...]:
    options = (f"--api-port={ports['kube-apiserver']}", f"--health-port={ports['node']}")
    arguments = ("-m", "nim_sandbox.node", f"--root={folder.root}", *options)
    return (Component("node", arguments, f"http://127.0.0.1:{ports['node']}/healthz"),)


def prepare(folder: SandboxFolder, ports: Mapping[str, int]) -> None:
    server = f"https://127.0.0.1:{ports['kube-apiserver']}"
    write_kubeconfigs(server, folder.certificates, (KUBELET, NODE_AGENT))


def clean(folder: SandboxFolder) -> None:
    """Once nothing of the sandbox runs; also where it never had a node."""
    forward.stop_all(folder)
    folder.first_process.unlink(missing_ok=True)  # by then the id may be another process's
    cgroups.remove(cgroup(folder.root))
