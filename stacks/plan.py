"""From settings and lock file to everything that will exist, as one value; or to every reason why not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nim_profiles.instance import instance_type
from nim_profiles.lock import Lock
from nim_profiles.memory import Fit
from nim_profiles.nodes_per_replica import nodes_per_replica
from nim_profiles.profile import Profile
from nim_profiles.units import gib
from nim_profiles.vllm_args import table
from pulumi_nim.adopted import Adopted
from pulumi_nim.cache_size import AccessMode, Claim
from pulumi_nim.eks.node_group import EksNodeGroup
from pulumi_nim.endpoint_check import Check
from pulumi_nim.gpu_node_pool import BackEnd, ExistingNodes, SimulatedNodes
from pulumi_nim.images import Image
from pulumi_nim.karpenter.nodes import KarpenterNodes
from pulumi_nim.manifests.adapters import Adapters
from pulumi_nim.manifests.group import Group
from pulumi_nim.manifests.launcher import Launcher
from pulumi_nim.manifests.pod import NIM_GRACE_PERIOD_SECONDS
from pulumi_nim.start_up import Rates, start_up_seconds, warm_start_seconds
from stacks.adopting import adopt_faults, adopted_of
from stacks.caching import cache_faults, claim_of, fill_seconds, kept_claims
from stacks.checking import check_of, unchecked
from stacks.checks import cross_faults
from stacks.choosing import Choice, choose
from stacks.cluster import reached
from stacks.container import Container, container, wrong
from stacks.eks import eks_faults, node_group
from stacks.existing import existing_nodes, for_gpus
from stacks.faults import BadStackFile, Fault
from stacks.gpu_operator import NOTE as OPERATOR_NOTE
from stacks.gpu_operator import operator_faults
from stacks.groups import group_faults, group_notes, group_of
from stacks.karpenter import karpenter_faults, nodes_of
from stacks.launching import launcher_of
from stacks.lora import adapters_of
from stacks.memory import fits, floor_objection, objection
from stacks.on_processors import ProcessorEstimate, estimate
from stacks.rollout import Decision, Nodes, Rollout, decide, surge_faults
from stacks.settings import (
    API_KEY,
    PROJECT,
    STAND_IN,
    Cluster,
    Eks,
    EksPool,
    Endpoint,
    ExistingPool,
    KarpenterPool,
    Policy,
    Pool,
    Settings,
    SimulatedPool,
)
from stacks.stack_file import settings_of
from stacks.tenants import cache_access, tenants

LOCK_FILE = "stacks/nim.lock.yaml"


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


class DoesNotFit(BadStackFile):
    """Refusal of a file that is right in itself, whose endpoints have no room. The plan is for a report alone."""

    def __init__(self, faults: Sequence[Fault], plan: Plan) -> None:
        super().__init__(faults)
        self.plan = plan


def make_plan(raw: Mapping[str, Any], lock: Lock, lock_folder: Path, *, stack: str, file: str) -> Plan:
    """`raw` is a stack file's content without the prefix of its keys. Raises BadStackFile with every fault.

    What the lock file names by path is read below `lock_folder`.

    Memory is judged last: it takes settings that are right in themselves.
    """
    settings, faults = settings_of(raw, file)
    faults += tuple(cross_faults(raw, lock, lock_folder, file))
    if settings is not None:
        faults += (*eks_faults(settings, file), *karpenter_faults(settings, file), *operator_faults(settings, file))
        faults += tuple(group_faults(settings, lock, file))
    if settings is None or faults:
        raise BadStackFile(faults)
    pools = {name: _pool(pool, settings) for name, pool in sorted(settings.pools.items())}
    choices = {name: _choice(one, pools[one.pool], lock) for name, one in sorted(settings.endpoints.items())}
    shared = [
        (nodes := Nodes(name, most_nodes(pool), _gpus_a_node(pool)), tenants(settings.endpoints, choices, nodes))
        for name, pool in pools.items()
    ]
    decisions = {name: decision for nodes, here in shared for name, decision in decide(nodes, here).items()}
    endpoints = tuple(
        _endpoint(name, choice, decisions[name], settings, pools, lock, lock_folder) for name, choice in choices.items()
    )
    late = [*_memory_faults(endpoints, pools, file), *adopt_faults(endpoints, file)]
    late += [
        Fault(file, f"{PROJECT}:endpoints.{endpoint}.rollout", problem)
        for nodes, here in shared
        for endpoint, problem in surge_faults(nodes, here)
    ]
    late += [
        Fault(file, f"{PROJECT}:endpoints.{one.name}.keep_caches", problem)
        for one in endpoints
        for problem in cache_faults(one.name, one.claim_name, settings, lock)
    ]
    plan = Plan(
        stack=stack,
        cluster=reached(settings.cluster, settings.eks, stack),
        looked_up=settings.eks if settings.cluster.eks else None,
        namespace=settings.namespace,
        pools=pools,
        endpoints=endpoints,
        storage_class=settings.caches.storage_class,
        protect_caches=settings.caches.protect,
        uses_ngc_key=API_KEY in raw,
        gpu_operator=settings.gpu_operator,
        policy=settings.policy,
        notes=(
            *_key_note(raw),
            *((OPERATOR_NOTE,) if settings.gpu_operator else ()),
            *_notes(pools, endpoints),
            *_container_notes(settings, endpoints, lock),
        ),
    )
    if late:
        raise DoesNotFit(late, plan)
    return plan


def _pool(pool: Pool, settings: Settings) -> BackEnd:
    match pool:
        case SimulatedPool():
            return SimulatedNodes(
                instance_type=instance_type(pool.instance_type),
                node_count=pool.node_count,
                zones=tuple(pool.zones),
            )
        case ExistingPool():
            return existing_nodes(pool)
        case EksPool() | KarpenterPool():
            return _pool_on_eks(pool, settings)


def _pool_on_eks(pool: EksPool | KarpenterPool, settings: Settings) -> BackEnd:
    if settings.eks is None:
        raise AssertionError("eks_faults and karpenter_faults have refused this")
    if isinstance(pool, EksPool):
        return node_group(pool, settings.eks, operated=settings.gpu_operator)
    simulated = settings.cluster.sandbox is not None
    return nodes_of(pool, settings.eks, simulated=simulated, operated=settings.gpu_operator)


def most_nodes(pool: BackEnd) -> int | None:
    """None where somebody else decides."""
    match pool:
        case SimulatedNodes():
            return pool.node_count
        case EksNodeGroup():
            return pool.max_node_count if pool.max_node_count is not None else pool.node_count
        case ExistingNodes() | KarpenterNodes():
            return None


def _gpus_a_node(pool: BackEnd) -> int | None:
    """Of the largest; None where nobody says."""
    match pool:
        case SimulatedNodes() | EksNodeGroup():
            return pool.instance_type.gpu_count
        case KarpenterNodes():
            return max(kind.gpu_count for kind in pool.allowed)
        case ExistingNodes():
            return None


def _most_gpus(pool: BackEnd) -> int | None:
    """Of all nodes together; None where nobody says."""
    match pool:
        case SimulatedNodes() | EksNodeGroup():
            return (most_nodes(pool) or 0) * pool.instance_type.gpu_count
        case KarpenterNodes():
            return pool.gpu_limit
        case ExistingNodes():
            return None


def _choice(endpoint: Endpoint, pool: BackEnd, lock: Lock) -> Choice:
    return choose(endpoint.profile, lock.image(endpoint.image).profiles, pool.gpu, _gpus_a_node(pool))


def _endpoint(
    name: str,
    choice: Choice,
    decision: Decision,
    settings: Settings,
    pools: Mapping[str, BackEnd],
    lock: Lock,
    lock_folder: Path,
) -> EndpointPlan:
    endpoint, profile = settings.endpoints[name], choice.profile
    pool, image = pools[endpoint.pool], lock.image(endpoint.image)
    adopted = adopted_of(endpoint.adopt)
    spread = nodes_per_replica(profile, _gpus_a_node(pool))
    download_bytes = profile.download_bytes or 0
    rates = Rates(
        download_bytes_per_second=settings.start_up.download_megabytes_per_second * 1_000_000,
        disk_bytes_per_second=settings.start_up.disk_megabytes_per_second * 1_000_000,
        fixed_seconds=settings.start_up.fixed_seconds,
    )
    launcher = launcher_of(image, lock_folder) if endpoint.engine == "vllm" else None
    claim = claim_of(name, endpoint, profile, cache_access(endpoint, spread, most_nodes(pool)), settings)
    fill = fill_seconds(endpoint, choice, claim, settings, rates)
    cold = start_up_seconds(download_bytes, rates)
    restart = cold if fill is None else warm_start_seconds(download_bytes, rates)
    grace = launcher.grace_period_seconds if launcher else NIM_GRACE_PERIOD_SECONDS
    # vLLM divides the memory of a GPU; on processors it takes what it is told to.
    known = fits(endpoint, profile, pool.gpu, image, lock_folder) if for_gpus(profile) else (None, None, None)
    fit, lighter, plain = known
    told = container(endpoint, name, profile, spread)
    return EndpointPlan(
        name=name,
        model=image.model or Image.parse(endpoint.image).repository,
        image=endpoint.image,
        profile=profile,
        choice=choice,
        replicas=endpoint.replicas,
        nodes_per_replica=spread,
        pool=endpoint.pool,
        claim_name=claim.name,
        cache_bytes=claim.size_bytes,
        access_mode=claim.access_mode,
        kept_claims=kept_claims(name, settings, lock),
        download_seconds=fill,
        start_up_seconds=cold,
        launcher=launcher,
        fit=fit,
        on_processors=None if for_gpus(profile) else estimate(profile, image, lock_folder, told.settings),
        lighter=lighter,
        plain=plain,
        port=endpoint.port,
        container=told,
        adapters=None if endpoint.lora is None else adapters_of(endpoint.lora),
        group=group_of(endpoint, spread, pool),
        rollout=Rollout(decision.strategy, decision.because, endpoint.replicas, grace + restart),
        check=check_of(endpoint, choice),
        unchecked=unchecked(endpoint, endpoint.pool, pool, settings.cluster),
        lists_profiles=endpoint.list_profiles,
        pod_annotations=endpoint.pod_annotations,
        adopted=adopted,
    )


def _key_note(raw: Mapping[str, Any]) -> Iterator[str]:
    if raw.get(API_KEY) == STAND_IN:
        yield f"{PROJECT}:{API_KEY} is not set: a stand-in takes its place in this preview, and an up will refuse"


def _notes(pools: Mapping[str, BackEnd], endpoints: tuple[EndpointPlan, ...]) -> Iterator[str]:
    for name, pool in pools.items():
        wanted = sum(endpoint.gpu_total for endpoint in endpoints if endpoint.pool == name)
        if (offered := _most_gpus(pool)) is not None and wanted > offered:
            yield f"pool {name} offers {offered} GPUs and its endpoints want {wanted}: some replicas will stay Pending"
    for endpoint in endpoints:
        yield from (f"endpoint {endpoint.name}: {warning}" for warning in endpoint.choice.warnings)
        yield from group_notes(endpoint.name, endpoint.group, pools[endpoint.pool])
        if endpoint.fit is None and for_gpus(endpoint.profile):
            yield (
                f"endpoint {endpoint.name}: memory was not estimated but only compared with NVIDIA's figure: "
                "the lock file leads to no complete model shape"
            )
        elif endpoint.fit is not None and endpoint.fit.contradiction:
            yield f"endpoint {endpoint.name}: {endpoint.fit.contradiction}"
        if endpoint.profile.download_bytes is None:
            yield (
                f"endpoint {endpoint.name}: the lock file does not say how much its profile downloads; its cache has "
                f"{gib(endpoint.cache_bytes)}. Set cache_gib if that is too little"
            )


def _container_notes(settings: Settings, endpoints: tuple[EndpointPlan, ...], lock: Lock) -> Iterator[str]:
    for one in endpoints:
        for found in wrong(settings.endpoints[one.name], one.name, one.profile, lock.image(one.image).profiles):
            yield f"endpoint {one.name}: {found.key.removeprefix('env.')} {found.problem}"


def settings_told(endpoint: EndpointPlan) -> str | None:
    """Settings of vLLM with value, origin and what they overrule; None where the profile alone says them."""
    rows = endpoint.container.settings
    if all(row.origin == "profile" for row in rows):
        return None
    return f"endpoint {endpoint.name}: settings of vLLM and where they come from\n{table(rows)}"


def _memory_faults(endpoints: tuple[EndpointPlan, ...], pools: Mapping[str, BackEnd], file: str) -> Iterator[Fault]:
    for endpoint in endpoints:
        gpu = pools[endpoint.pool].gpu
        why = floor_objection(endpoint.profile, gpu) if endpoint.fit is None else objection(endpoint.fit)
        if why:
            key = f"{PROJECT}:endpoints.{endpoint.name}.profile"
            yield Fault(file, key, f"found {endpoint.profile.name}, which {why}")
