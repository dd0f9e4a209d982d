"""What a stack allows: where, how bought, which types, how dear, how spread."""

from dataclasses import dataclass
from decimal import Decimal

from nim_profiles.instance import InstanceType
from nim_profiles.placement.offering import CapacityType


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """For all endpoints of a stack together. An empty tuple allows everything."""

    region: str = "us-east-1"
    zones: tuple[str, ...] = ()
    capacity_types: tuple[CapacityType, ...] = (CapacityType.ON_DEMAND,)
    allow: tuple[str, ...] = ()
    """Types (`g6e.xlarge`) and families (`g6e`)."""
    deny: tuple[str, ...] = ()
    reservation_ids: tuple[str, ...] = ()
    """The reservations and capacity blocks that may be used; without any, whatever is among the offerings."""
    usd_per_hour_ceiling: Decimal | None = None
    spread_zones: int = 1
    """Zones over which the replicas of each endpoint are spread: at least so many (or as many as it has replicas), and
    none with more than its even share, rounded up."""
    custom_image: bool = False
    """True where you build node images: then types without a stock EKS image of NVIDIA's driver are taken too."""
    system_cpu_millicores_per_node: int = 0
    """Kept for the kubelet and DaemonSets on every node."""
    system_memory_bytes_per_node: int = 0

    def allows(self, kind: InstanceType) -> bool:
        return not self.allow or kind.name in self.allow or kind.family in self.allow

    def denies(self, kind: InstanceType) -> bool:
        return kind.name in self.deny or kind.family in self.deny
