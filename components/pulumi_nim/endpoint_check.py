"""Proof that an endpoint serves what was pinned."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim import jobs
from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.manifests.endpoint_check import check_task, config_map
from pulumi_nim.manifests.pod import Workload


@dataclass(frozen=True, kw_only=True)
class Check:
    """What is asked for."""

    pinned_id: str | None
    """None where the container chooses."""
    adapters: tuple[str, ...]
    """Names that requests may ask for beside the model's own."""
    program: Mapping[str, str]
    """The script and what it imports, by path; the caller brings them."""


@dataclass(frozen=True, kw_only=True)
class EndpointCheckArgs:
    workload: Workload
    """What serves; its image brings the Python that asks."""
    check: Check
    checked: str
    """Changes with what is asked; each value is asked once."""
    after: tuple[pulumi.Resource, ...] = ()
    """What must be there before anybody asks: the service."""


class EndpointCheck(pulumi.ComponentResource):
    """A Job that asks the Service after each roll-out. It fails where another profile, or nobody, answers."""

    def __init__(self, name: str, args: EndpointCheckArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:inspection:EndpointCheck", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        manifest = config_map(args.workload.endpoint, args.workload.namespace, args.check.program)
        program = from_manifest(k8s.core.v1.ConfigMap, f"{name}-check", manifest, child)
        check = args.check
        task = check_task(args.workload, check.pinned_id, check.adapters, check.program, args.checked)
        jobs.run(args.workload, task, pulumi.ResourceOptions(parent=self, depends_on=[*args.after, program]))
        self.register_outputs({})
