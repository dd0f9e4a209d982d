"""A requirement meets an offering: the pods it takes there, or everything that speaks against it."""

from collections.abc import Iterator
from dataclasses import dataclass

from nim_profiles.placement.constraints import Constraints
from nim_profiles.placement.offering import CapacityType, Offering
from nim_profiles.placement.requirement import Requirement
from nim_profiles.precision import precision_objection
from nim_profiles.units import GB, gib

Resources = tuple[int, int, int, int]
"""GPUs, CPU in millicores, host memory in bytes, instance store in bytes."""

BOOKED = (CapacityType.RESERVATION, CapacityType.CAPACITY_BLOCK)


@dataclass(frozen=True, slots=True, order=True)
class Pods:
    """The pods of one replica on one instance type."""

    count: int
    """1, or the pipeline's stages, each on another node."""
    need: Resources
    """Of one pod."""


def pods_of_replica(need: Requirement, gpus_per_node: int) -> Pods:
    """One pod where a node holds the replica, else one pod a pipeline stage."""
    whole = gpus_per_node >= need.gpu_count
    count, gpus = (1, need.gpu_count) if whole else (need.pipeline_parallel, need.tensor_parallel)
    return Pods(count, (gpus, need.cpu_millicores_per_pod, need.memory_bytes_per_pod, need.nvme_bytes_per_pod))


def capacity(offering: Offering, constraints: Constraints) -> Resources:
    """What pods can have of one node."""
    kind = offering.instance_type
    return (
        kind.gpu_count,
        kind.cpu_count * 1000 - constraints.system_cpu_millicores_per_node,
        kind.memory_bytes - constraints.system_memory_bytes_per_node,
        kind.local_nvme_bytes,
    )


def objections(need: Requirement, offering: Offering, constraints: Constraints) -> tuple[str, ...]:
    """All that speaks against it, each the end of a sentence that begins with the type; empty where it fits."""
    return (*not_for_sale(offering, constraints), *not_able(need, offering, constraints))


def not_for_sale(offering: Offering, constraints: Constraints) -> Iterator[str]:
    """What keeps the stack from buying it, whatever runs on it."""
    kind = offering.instance_type
    if kind.unusable:
        yield kind.unusable
    if offering.withheld:
        yield offering.withheld
    elif offering.usd_per_hour is None:
        yield f"has no known {offering.capacity_type} price in {offering.region}"
    yield from _elsewhere(offering, constraints)
    if not constraints.allows(kind):
        yield "is not on the allow list"
    if constraints.denies(kind):
        yield "is on the deny list"
    if not kind.ami_types and not constraints.custom_image:
        yield "has no stock EKS image with its driver (custom image needed)"


def _elsewhere(offering: Offering, constraints: Constraints) -> Iterator[str]:
    how, booked = offering.capacity_type, constraints.reservation_ids
    if offering.region != constraints.region:
        yield f"is offered in {offering.region}, not in {constraints.region}"
    elif constraints.zones and offering.zone not in constraints.zones and not offering.withheld:
        yield f"is in none of the zones {', '.join(sorted(constraints.zones))}"
    if how not in constraints.capacity_types:
        yield f"is offered as {how}, wanted is {' or '.join(sorted(constraints.capacity_types))}"
    if how in BOOKED and booked and offering.reservation_id not in booked:
        yield f"is not in the reservations {', '.join(sorted(booked))}"


def not_able(need: Requirement, offering: Offering, constraints: Constraints) -> Iterator[str]:
    """What keeps the endpoint from running on it, however it is bought."""
    kind, node = offering.instance_type, capacity(offering, constraints)
    if kind.architecture != need.architecture:
        yield f"is {kind.architecture}, the image is {need.architecture}"
    if (why := precision_objection(need.precision, need.engine, kind.gpu)) is not None:
        yield why
    if kind.gpu.memory_bytes < need.memory_bytes_per_gpu:
        short = need.memory_bytes_per_gpu - kind.gpu.memory_bytes
        yield f"has {gib(kind.gpu.memory_bytes)} a GPU ({kind.gpu.short_name}), short by {_at_least(short)}"
    pods = pods_of_replica(need, kind.gpu_count)
    yield from _shape(need, offering, pods)
    _, cpu, memory, nvme = node
    if cpu < need.cpu_millicores_per_pod:
        yield f"has {cpu / 1000:g} CPUs for pods, a pod needs {need.cpu_millicores_per_pod / 1000:g}"
    if memory < need.memory_bytes_per_pod:
        yield f"has {gib(memory)} of host memory for pods, a pod needs {gib(need.memory_bytes_per_pod)}"
    if nvme < need.nvme_bytes_per_pod:
        yield f"has {nvme / GB:g} GB of instance store, a pod needs {need.nvme_bytes_per_pod / GB:g} GB"


def _shape(need: Requirement, offering: Offering, pods: Pods) -> Iterator[str]:
    kind = offering.instance_type
    have = f"has {kind.gpu_count} GPU{'s' * (kind.gpu_count > 1)} a node"
    if kind.gpu_count < need.tensor_parallel:
        yield f"{have}, tensor parallel {need.tensor_parallel} stays within one"
    elif pods.count > 1 and not kind.efa_interfaces:
        yield f"{have} and no EFA, a replica of {need.gpu_count} would span nodes"
    if offering.node_limit is not None and offering.node_limit < pods.count:
        yield f"has {offering.node_limit} nodes to offer, a replica needs {pods.count}"


def _at_least(size_bytes: int) -> str:
    text = gib(size_bytes)
    return text if text != gib(0) else "less than 0.1 GiB"
