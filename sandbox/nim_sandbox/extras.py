"""What only some sandboxes have, each by a flag of `nim-sandbox start`. Pure: starts nothing."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nim_sandbox import karpenter, leader_worker_set
from nim_sandbox.components import BASE_PORTS, Component
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.node import component, programs, requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Rows of `tools/versions.toml` that are on demand name the extra that needs them."""

    name: str
    """Also of its flag."""
    help: str
    ports: tuple[str, ...]
    components: Callable[[SandboxFolder, Mapping[str, int]], tuple[Component, ...]]
    """Started after the control plane, in this order, and stopped before it."""
    own_programs: Mapping[str, Path] = field(default_factory=dict)
    """Programs that nobody has to provide, by component."""
    prepare: Callable[[SandboxFolder, Mapping[str, int]], None] = lambda _folder, _ports: None
    """Run once the API server answers and before the components start; finds or makes the same each time."""
    withdraw: Callable[[SandboxFolder], None] = lambda _folder: None
    """Run instead in a sandbox without it: takes back what a start with it may have left in a kept folder."""
    provide: Callable[[Callable[[str], None]], object] = lambda _report: None
    """What it needs beside the version table's programs; made where missing. Raises BuildFailed."""
    objection: Callable[[], str | None] = lambda: None
    """Why this machine cannot have it, with the fix; None where it can. Asked before anything is provided."""
    clean: Callable[[SandboxFolder], None] = lambda _folder: None
    """Run once everything of a sandbox has stopped, whether it had the extra or not: what lies outside the folder."""


def aws_endpoint(ports: Mapping[str, int]) -> str:
    """Where the simulated account answers, for all services."""
    return f"http://127.0.0.1:{ports['aws']}"


def _simulated_aws(folder: SandboxFolder, ports: Mapping[str, int]) -> tuple[Component, ...]:
    arguments = ("-m", "nim_sandbox.aws", str(ports["aws"]), str(folder.kubeconfig))
    return (Component("aws", arguments, f"{aws_endpoint(ports)}/moto-api/"),)


def _write_aws_endpoint(folder: SandboxFolder, ports: Mapping[str, int]) -> None:
    folder.aws_endpoint.write_text(aws_endpoint(ports), encoding="utf-8")


AWS = Extra(
    name="aws",
    help="With a simulated AWS account, whose EKS node groups make nodes here.",
    ports=("aws",),
    components=_simulated_aws,
    own_programs={"aws": Path(sys.executable)},  # moto's server and the maker of its nodes
    prepare=_write_aws_endpoint,
    withdraw=lambda folder: folder.aws_endpoint.unlink(missing_ok=True),
)

LWS = Extra(
    name="lws",
    help="With the LeaderWorkerSet controller, for endpoints over several nodes.",
    ports=(leader_worker_set.PORT,),
    components=leader_worker_set.components,
    prepare=leader_worker_set.prepare,
    withdraw=leader_worker_set.withdraw,
)

KARPENTER = Extra(
    name="karpenter",
    help="With Karpenter, which makes nodes here for pods that find none.",
    ports=karpenter.PORTS,
    components=karpenter.components,
    prepare=karpenter.prepare,
)

NODE = Extra(
    name="node",
    help="With a real node, which runs real containers. Needs Linux and root.",
    ports=component.PORTS,
    components=component.components,
    own_programs={"node": Path(sys.executable)},
    prepare=component.prepare,
    provide=programs.provide,
    objection=requirements.objection,
    clean=component.clean,
)

EXTRAS: Mapping[str, Extra] = {extra.name: extra for extra in (AWS, LWS, KARPENTER, NODE)}

PORTS = (*BASE_PORTS, *(port for extra in EXTRAS.values() for port in extra.ports))
"""Of every sandbox, with or without an extra: the API server's stays the same when an extra comes or goes."""
