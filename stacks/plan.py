"""What one stack will be, as one value with all numbers settled."""

from collections.abc import Mapping
from dataclasses import dataclass

from nim_profiles.memory import Fit
from nim_profiles.profile import Profile
from nim_profiles.vllm_args import table
from pulumi_nim.adopted import Adopted
from pulumi_nim.cache_size import AccessMode, Claim
from pulumi_nim.endpoint_check import Check
from pulumi_nim.gpu_node_pool import BackEnd
from pulumi_nim.manifests.adapters import Adapters
from pulumi_nim.manifests.group import Group
from pulumi_nim.manifests.launcher import Launcher
from stacks.choosing import Choice
from stacks.container import Container
from stacks.on_processors import ProcessorEstimate
from stacks.rollout import Rollout
from stacks.settings import (
    Cluster,
    Eks,
    Policy,
)


@dataclass(frozen=True, slots=True)
class EndpointPlan:
    """One endpoint with all numbers settled."""

    name: str
    model: str
    image: str
    profile: Profile
    """What runs, or, where the container chooses, what is assumed."""
    choice: Choice
    replicas: int
    nodes_per_replica: int
    """1 for a Deployment; more for a LeaderWorkerSet, whose groups each are one replica."""
    pool: str
    claim_name: str
    cache_bytes: int
    access_mode: AccessMode
    kept_claims: tuple[Claim, ...]
    """Of earlier profiles."""
    download_seconds: int | None
    """How long a Job may download before the pods roll; None: each pod downloads as it starts."""
    start_up_seconds: int
    launcher: Launcher | None
    """For a plain vLLM image; None where the image is a NIM."""
    on_processors: ProcessorEstimate | None
    """Where the profile needs no GPU; None also where the lock file leads to no model shape."""
    fit: Fit | None
    """None where the lock file leads to no model shape; a note says so."""
    lighter: Fit | None
    """The same in FP8, for an endpoint in 16 bits; None where the image has none that would fit."""
    plain: Fit | None
    """The same without the stack file's settings of vLLM; None where it has none that matter."""
    port: int
    container: Container
    adapters: Adapters | None
    group: Group | None
    """None where a replica is one pod."""
    rollout: Rollout
    check: Check
    unchecked: str | None
    """Why nobody asks it what it serves, as a clause; None: a Job does."""
    lists_profiles: bool
    pod_annotations: Mapping[str, str]
    adopted: Adopted

    @property
    def env(self) -> Mapping[str, str]:
        """Of the container, beside what every endpoint has."""
        return self.container.env

    @property
    def gpus_per_node(self) -> int:
        """Of one replica, which takes equally many on each of its nodes."""
        return self.profile.gpu_count // self.nodes_per_replica

    @property
    def gpu_total(self) -> int:
        """Of all replicas."""
        return self.replicas * self.profile.gpu_count


@dataclass(frozen=True, slots=True)
class Plan:
    """What one stack will be. Nothing in it depends on a cluster, a cloud, a clock or a random number."""

    stack: str
    cluster: Cluster
    looked_up: Eks | None
    """Where the cluster is to be looked up in AWS; None where a kubeconfig says how it is reached."""
    namespace: str
    pools: Mapping[str, BackEnd]
    endpoints: tuple[EndpointPlan, ...]
    storage_class: str | None
    protect_caches: bool
    uses_ngc_key: bool
    gpu_operator: bool
    """Whether NVIDIA's is installed for the whole cluster."""
    policy: Policy
    notes: tuple[str, ...]
    """What a reader of the preview should know, in whole sentences."""

    @property
    def selectors(self) -> Mapping[str, Mapping[str, str]]:
        """Labels of the pods of each endpoint."""
        return {one.name: one.adopted.pod_selector(one.name) for one in self.endpoints}


def settings_told(endpoint: EndpointPlan) -> str | None:
    """Settings of vLLM with value, origin and what they overrule; None where the profile alone says them."""
    rows = endpoint.container.settings
    if all(row.origin == "profile" for row in rows):
        return None
    return f"endpoint {endpoint.name}: settings of vLLM and where they come from\n{table(rows)}"
