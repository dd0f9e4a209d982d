"""What rules know of a stack beside its planned resources: what was computed from the stack file and the lock file."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from nim_policy.exemption import Exemption


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFacts:
    """Of one endpoint, by the name that its objects carry as `app.kubernetes.io/instance`."""

    profile: str
    """Name of the profile that runs, or is assumed to."""
    gpu_count: int
    """Of one replica: tensor x pipeline."""
    start_up_seconds: int
    """How long a replica with an empty cache may take to its first answer."""
    node_count: int | None = None
    """The most nodes that its replicas may lie on; None where somebody else decides."""
    spot: bool = False
    """Whether all its nodes may be taken away at two minutes' notice."""
    lighter: str | None = None
    """The same model in FP8 and what that would save, in a sentence; None where there is none, or it runs already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFacts:
    endpoints: Mapping[str, EndpointFacts]
    usd_per_hour: Decimal = Decimal(0)
    """Of all nodes with a price."""
    unpriced: tuple[str, ...] = ()
    """Pools that cost something nobody here knows."""
    ceiling_usd_per_hour: Decimal | None = None
    """What the stack may cost; None: nobody has said."""
    ended: tuple[Exemption, ...] = ()
    """Exceptions that no longer hold; `evaluate`, which is told the day, fills it in."""
