"""What a GPU node group on EKS is to be, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

from nim_profiles.gpu import Gpu
from nim_profiles.instance import InstanceType


class CapacityType(StrEnum):
    """How the instances are bought, in EKS's own words."""

    ON_DEMAND = "ON_DEMAND"
    SPOT = "SPOT"
    CAPACITY_BLOCK = "CAPACITY_BLOCK"


class ImageFamily(StrEnum):
    """Which operating system the nodes run; both come with NVIDIA's driver."""

    AL2023 = "AL2023"
    BOTTLEROCKET = "BOTTLEROCKET"
    """Brings the device plugin along; on AL2023 somebody must install it."""


ROOT_DISK_GIB = 300
"""AWS's default of 20 GiB does not hold one NIM image; 300 to 500 hold a few. The weights lie on claims, not here."""
_SUFFIX = 8


@dataclass(frozen=True, kw_only=True)
class EksNodeGroup:
    """Nodes of one instance type in one EKS cluster, in a managed node group with a launch template of its own."""

    cluster_name: str
    region: str
    instance_type: InstanceType
    node_count: int
    subnets: Mapping[str, str]
    """Zone id, e.g. `use1-az1`, by subnet id. Names of zones mean another zone in every account."""
    max_node_count: int | None = None
    """Set where an autoscaler decides how many nodes there are; `node_count` is then the least."""
    capacity_type: CapacityType = CapacityType.ON_DEMAND
    reservation_id: str | None = None
    """Of a capacity reservation or a capacity block."""
    image_family: ImageFamily = ImageFamily.AL2023
    device_plugin: bool = True
    """Whether NVIDIA's device plugin is installed on these nodes, where their image does not bring it."""
    efa: bool = False
    """Every EFA card of the type is used; pods must then ask for `vpc.amazonaws.com/efa`."""
    placement_group: bool = False
    """A cluster placement group of its own."""
    security_group_ids: tuple[str, ...] = ()
    """Where set, EKS adds none: the cluster's own group must be among them."""
    root_disk_gib: int = ROOT_DISK_GIB
    cni_has_own_role: bool = False
    """Whether the VPC CNI gets its rights by a service account; the nodes then need none for it."""
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """On everything that is made, the instances and their disks included."""

    @property
    def gpu(self) -> Gpu:
        return self.instance_type.gpu

    @property
    def needs_device_plugin(self) -> bool:
        return self.device_plugin and self.image_family is ImageFamily.AL2023

    @property
    def autoscaled(self) -> bool:
        return self.max_node_count is not None

    @property
    def ami_type(self) -> str | None:
        """EKS's name for the image; None where there is no such image for the instance type."""
        return next((ami for ami in self.instance_type.ami_types if ami.startswith(f"{self.image_family}_")), None)

    @property
    def in_launch_template(self) -> bool:
        """Whether the instance type stands there: a capacity block wants it so, and never in both places."""
        return self.capacity_type is CapacityType.CAPACITY_BLOCK


def fixed_name(text: str, limit: int, *parts: object) -> str:
    """`text`, cut, and a hash of `text` and `parts`: fixed for the same parts, new for others; at most `limit` long.

    A killed `up` finds such a name taken and says so, where a random one would leave a second, paid for, unseen.
    """
    digest = sha256(repr((text, parts)).encode()).hexdigest()[:_SUFFIX]
    return f"{text[: limit - _SUFFIX - 1]}-{digest}"


def node_group_name(pool: str, group: EksNodeGroup) -> str:
    """New for every change that EKS answers with a new node group, so that the old one goes only after it.

    Source: the Terraform provider's node_group.go (ForceNew), of which the plugin is made.
    """
    market = (group.ami_type, group.capacity_type.value, group.instance_type.name)
    return fixed_name(pool, 63, group.cluster_name, *market, tuple(sorted(group.subnets)))
