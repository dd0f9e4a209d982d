"""From settings and lock file to a plan; or to every reason why not."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nim_profiles.lock import Lock
from nim_profiles.nodes_per_replica import nodes_per_replica
from pulumi_nim.gpu_node_pool import BackEnd
from pulumi_nim.images import Image
from pulumi_nim.manifests.pod import NIM_GRACE_PERIOD_SECONDS
from pulumi_nim.start_up import Rates, start_up_seconds, warm_start_seconds
from stacks import on_processors
from stacks.adopting import adopt_faults, adopted_of
from stacks.caching import cache_faults, claim_of, fill_seconds, kept_claims
from stacks.checking import check_of, unchecked
from stacks.checks import cross_faults
from stacks.choosing import Choice, choose
from stacks.cluster import reached
from stacks.container import container
from stacks.eks import eks_faults
from stacks.existing import for_gpus
from stacks.faults import BadStackFile, Fault
from stacks.gpu_operator import operator_faults
from stacks.groups import group_faults, group_of
from stacks.karpenter import karpenter_faults
from stacks.launching import launcher_of
from stacks.lora import adapters_of
from stacks.memory import fits, floor_objection, objection
from stacks.notes import notes
from stacks.plan import EndpointPlan, Plan
from stacks.pools import back_end, gpus_a_node, most_nodes
from stacks.rollout import Decision, Nodes, Rollout, decide, surge_faults
from stacks.room import room_faults
from stacks.settings import (
    API_KEY,
    PROJECT,
    Endpoint,
    Settings,
)
from stacks.stack_file import settings_of
from stacks.tenants import cache_access, tenants

LOCK_FILE = "stacks/nim.lock.yaml"


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
    pools = {name: back_end(pool, settings) for name, pool in sorted(settings.pools.items())}
    choices = {name: _choice(one, pools[one.pool], lock) for name, one in sorted(settings.endpoints.items())}
    shared = [
        (nodes := Nodes(name, most_nodes(pool), gpus_a_node(pool)), tenants(settings.endpoints, choices, nodes))
        for name, pool in pools.items()
    ]
    decisions = {name: decision for nodes, here in shared for name, decision in decide(nodes, here).items()}
    endpoints = tuple(
        _endpoint(name, choice, decisions[name], settings, pools, lock, lock_folder) for name, choice in choices.items()
    )
    late = [*_memory_faults(endpoints, pools, file), *adopt_faults(endpoints, file)]
    late += room_faults(pools, endpoints, file)
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
        notes=tuple(notes(raw, settings, pools, endpoints, lock)),
    )
    if late:
        raise DoesNotFit(late, plan)
    return plan


def _choice(endpoint: Endpoint, pool: BackEnd, lock: Lock) -> Choice:
    return choose(endpoint.profile, lock.image(endpoint.image).profiles, pool.gpu, gpus_a_node(pool))


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
    spread = nodes_per_replica(profile, gpus_a_node(pool))
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
        on_processors=None if for_gpus(profile) else on_processors.estimate(profile, image, lock_folder, told.settings),
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


def _memory_faults(endpoints: tuple[EndpointPlan, ...], pools: Mapping[str, BackEnd], file: str) -> Iterator[Fault]:
    for endpoint in endpoints:
        gpu = pools[endpoint.pool].gpu
        if endpoint.on_processors is not None:
            why = on_processors.objection(endpoint.on_processors, gpu.memory_bytes)
        else:
            why = floor_objection(endpoint.profile, gpu) if endpoint.fit is None else objection(endpoint.fit)
        if why:
            key = f"{PROJECT}:endpoints.{endpoint.name}.profile"
            yield Fault(file, key, f"found {endpoint.profile.name}, which {why}")
