"""Resources of a stack that keeps every rule, as our own manifests say them, to be broken by the tests."""

import copy
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from nim_policy import EndpointFacts, Planned, Rule, StackFacts
from nim_profiles.units import GIB
from pulumi_nim.cache_size import AccessMode, Claim
from pulumi_nim.manifests.claim import claim
from pulumi_nim.manifests.deployment import deployment
from pulumi_nim.manifests.disruption_budget import disruption_budget
from pulumi_nim.manifests.group import Group, Runtime
from pulumi_nim.manifests.leader_worker_set import leader_worker_set
from pulumi_nim.manifests.namespace import namespace
from tests.components.samples import profile, workload

CLAIM = "llama-cache-0123456789"
ID = "c" * 64


def planned(manifest: Mapping[str, Any], name: str = "llama") -> Planned:
    type_ = f"kubernetes:{manifest['apiVersion']}:{manifest['kind']}"
    return Planned(f"urn:pulumi:test::nim::{type_}::{name}", type_, copy.deepcopy(dict(manifest)))


def server(tensor_parallel: int = 1, **changes: object) -> Planned:
    """Two replicas, unless changed."""
    return planned(deployment(workload(profile=profile(tensor_parallel), **changes)))


def group(size: int = 2, gpus: int = 8) -> Planned:
    """One replica over several nodes: a leader that answers, and workers."""
    nodes = Group(size=size, runtime=Runtime.RAY)
    return planned(leader_worker_set(workload(profile=profile(gpus, size), replicas=1, group=nodes), nodes))


def claimed(mode: AccessMode = AccessMode.MANY_NODES) -> Planned:
    return planned(claim("llama", Claim(CLAIM, 20 * GIB, mode), "nim", None))


def budget() -> Planned:
    return planned(disruption_budget("llama", "nim"))


def space() -> Planned:
    return planned(namespace("nim"), "nim")


def facts(**changes: Any) -> StackFacts:  # Any: each test names real fields
    """Of one endpoint that keeps every rule."""
    known = {"profile": "vllm-fp8-tp1-pp1-27.0", "gpu_count": 1, "start_up_seconds": 601, "node_count": 3, **changes}
    return StackFacts(endpoints={"llama": EndpointFacts(**known)}, usd_per_hour=Decimal("10.5"))


def pod(resource: Planned) -> Any:  # Any: what the tests change
    """The pod's spec in a Deployment, or of the leader in a group."""
    spec = resource.props["spec"]
    template = spec["template"] if "template" in spec else spec["leaderWorkerTemplate"]["leaderTemplate"]
    return template["spec"]


def container(resource: Planned) -> Any:  # Any: as above
    return pod(resource)["containers"][0]


def found(rule: Rule, resources: Sequence[Planned], known: StackFacts | None = None) -> list[str]:
    return [one.problem for one in rule.check(resources, known or facts())]
