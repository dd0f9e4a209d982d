"""What a set of objects serves, whoever wrote them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Left:
    """Something that the stack file does not say."""

    where: str
    """Object and field: `Deployment llm: spec.template.spec.affinity`."""
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Found:
    """One endpoint in other people's words."""

    origin: str
    """The object that it was read from."""
    image: str
    """As written, with or without digest."""
    env: Mapping[str, str]
    """Plain values, those of the profile, the cache and the port left out."""
    args: tuple[str, ...]
    profile: str | None
    """Value of NIM_MODEL_PROFILE."""
    replicas: int
    gpu_count: int | None
    """Of one pod; None where none is asked for."""
    port: int
    node_selector: Mapping[str, str]
    needs_ngc_key: bool
    deployment: str | None = None
    """Only of a Deployment that can be taken over as it stands."""
    service: str | None = None
    claim: str | None = None
    cache_gib: int | None = None
    """Size of `claim`."""
    selector: Mapping[str, str] = field(default_factory=dict)
    left: tuple[Left, ...] = ()
