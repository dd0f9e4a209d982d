"""Which GPU nodes Karpenter may start, as one value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from nim_profiles.gpu import Gpu
from nim_profiles.instance import InstanceType, catalogue
from pulumi_nim.eks.node_group import ROOT_DISK_GIB, ImageFamily


class Market(StrEnum):
    """How the instances are bought: values of the label `karpenter.sh/capacity-type`."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    RESERVED = "reserved"
    """From the capacity reservations and capacity blocks that are named."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many nodes Karpenter may take away at once; without a schedule always."""

    nodes: str
    """A number or a percentage."""
    schedule: str | None = None
    """Five fields of cron, in UTC: when the budget begins."""
    duration: str | None = None
    """For how long from then, e.g. `12h`."""


@dataclass(frozen=True, kw_only=True)
class KarpenterNodes:
    """Nodes with one GPU product, of whichever allowed instance type Karpenter finds cheapest for its pods.

    Karpenter itself, and the role of its nodes, are the cluster's; the objects that tell it of these nodes are ours.
    """

    cluster_name: str
    region: str
    gpu: Gpu
    """Of every node: what fits is judged by it, so a pool has one."""
    gpu_limit: int
    """GPUs of all its nodes together. Karpenter starts no node beyond it."""
    image: str
    """An alias of Karpenter's with its release, such as `al2023@v20260714`: the release decides the driver."""
    role: str
    """Name of the IAM role of the nodes, which Karpenter must be allowed to pass on."""
    subnets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Zone id by subnet id; empty where `discovery_tags` find the subnets."""
    security_group_ids: tuple[str, ...] = ()
    """Empty where `discovery_tags` find the groups."""
    discovery_tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    instance_types: tuple[InstanceType, ...] | None = None
    """None: every type of the catalogue to which there is no objection."""
    markets: tuple[Market, ...] = (Market.ON_DEMAND,)
    """Karpenter takes reserved before spot before on demand."""
    reservation_ids: tuple[str, ...] = ()
    device_plugin: bool = True
    """Whether NVIDIA's device plugin is installed on these nodes, where their image does not bring it."""
    efa: bool = False
    """Every EFA card of the type is used; pods must then ask for `vpc.amazonaws.com/efa`."""
    placement_group: str | None = None
    """Name of one that exists."""
    root_disk_gib: int = ROOT_DISK_GIB
    consolidate_after: str = "10m"
    """How long a node without pods is kept. Only empty nodes go: moving a model costs minutes of loading."""
    expire_after: str = "Never"
    """Age at which a node is taken away, with its pods and whatever the budgets say."""
    budgets: tuple[Budget, ...] = (Budget("1"),)
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """On instances and disks."""
    simulated: bool = False
    """For the KWOK provider of Karpenter, whose nodes have no machines, instead of AWS's."""

    @property
    def image_family(self) -> ImageFamily | None:
        """None where the alias names neither of those with NVIDIA's driver."""
        word = self.image.partition("@")[0].upper()
        return ImageFamily(word) if word in [*ImageFamily] else None

    @property
    def zones(self) -> tuple[str, ...]:
        """Zone ids; empty where tags find the subnets, wherever those lie."""
        return tuple(sorted(set(self.subnets.values())))

    @property
    def needs_device_plugin(self) -> bool:
        return self.device_plugin and self.image_family is ImageFamily.AL2023

    @cached_property
    def allowed(self) -> tuple[InstanceType, ...]:
        """What Karpenter may choose among, by name."""
        if self.instance_types is not None:
            return tuple(sorted(self.instance_types, key=lambda kind: kind.name))
        return tuple(kind for _, kind in sorted(catalogue().items()) if self.objection(kind) is None)

    def objection(self, kind: InstanceType) -> str | None:
        """Why no node of this type would come, as the end of a sentence that begins with its name."""
        return next(self._objections(kind), None)

    def _objections(self, kind: InstanceType) -> Iterator[str]:
        offered = kind.zone_ids.get(self.region, ())
        if kind.gpu != self.gpu:
            yield f"has {kind.gpu.short_name}, not {self.gpu.short_name}"
        if kind.architecture != "x86_64":
            yield f"is {kind.architecture}, for which no NIM image is known"
        if kind.regions and self.region not in kind.regions:
            yield f"is not offered in {self.region}"
        if self.zones and offered and not set(self.zones) & set(offered):
            yield f"is offered in {', '.join(offered)}, not in {', '.join(self.zones)}"
        if self.image_family and not any(ami.startswith(f"{self.image_family}_") for ami in kind.ami_types):
            yield f"has no {self.image_family} image with its driver"
        if self.efa and not kind.efa_layout:
            yield "has no EFA"
