"""From settings and lock file to everything that will exist, as one value; or to every reason why not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nim_profiles.closest import closest
from nim_profiles.instance import UnknownInstanceType, gpu_of_product, instance_type
from nim_profiles.lock import Lock, LockedImage, UnlockedImage
from nim_profiles.profile import Profile
from nim_profiles.units import GB, GIB, gib
from pulumi_nim.cache_size import AccessMode, access_mode, cache_size_bytes, claim_name
from pulumi_nim.gpu_node_pool import ExistingNodes, SimulatedNodes
from pulumi_nim.images import BadImage, Image
from pulumi_nim.start_up import Rates, start_up_seconds
from stacks.faults import BadStackFile, Fault
from stacks.settings import API_KEY, PROJECT, Cluster, Endpoint, ExistingPool, Settings, SimulatedPool
from stacks.stack_file import settings_of

LOCK_FILE = "stacks/nim.lock.yaml"


@dataclass(frozen=True, slots=True)
class EndpointPlan:
    """One endpoint with all numbers settled."""

    name: str
    model: str
    image: str
    profile: Profile
    replicas: int
    pool: str
    claim_name: str
    cache_bytes: int
    access_mode: AccessMode
    start_up_seconds: int
    env: Mapping[str, str]
    pod_annotations: Mapping[str, str]

    @property
    def gpu_total(self) -> int:
        """Of all replicas."""
        return self.replicas * self.profile.gpu_count


@dataclass(frozen=True, slots=True)
class Plan:
    """What one stack will be. Nothing in it depends on a cluster, a cloud, a clock or a random number."""

    stack: str
    cluster: Cluster
    namespace: str
    pools: Mapping[str, SimulatedNodes | ExistingNodes]
    endpoints: tuple[EndpointPlan, ...]
    storage_class: str | None
    protect_caches: bool
    uses_ngc_key: bool
    notes: tuple[str, ...]
    """What a reader of the preview should know, in whole sentences."""


def make_plan(raw: Mapping[str, Any], lock: Lock, *, stack: str, file: str) -> Plan:
    """`raw` is a stack file's content without the prefix of its keys. Raises BadStackFile with every fault."""
    settings, faults = settings_of(raw, file)
    faults += tuple(_cross_faults(raw, lock, file))
    if settings is None or faults:
        raise BadStackFile(faults)
    pools = {name: _pool(pool) for name, pool in sorted(settings.pools.items())}
    endpoints = tuple(
        _endpoint(name, endpoint, settings, pools[endpoint.pool], lock.image(endpoint.image))
        for name, endpoint in sorted(settings.endpoints.items())
    )
    return Plan(
        stack=stack,
        cluster=settings.cluster,
        namespace=settings.namespace,
        pools=pools,
        endpoints=endpoints,
        storage_class=settings.caches.storage_class,
        protect_caches=settings.caches.protect,
        uses_ngc_key=API_KEY in raw,
        notes=tuple(_notes(pools, endpoints)),
    )


def _pool(pool: SimulatedPool | ExistingPool) -> SimulatedNodes | ExistingNodes:
    match pool:
        case SimulatedPool():
            return SimulatedNodes(instance_type=instance_type(pool.instance_type), node_count=pool.node_count)
        case ExistingPool():
            return ExistingNodes(gpu=gpu_of_product(pool.gpu), node_labels=pool.node_labels)


def _endpoint(
    name: str, endpoint: Endpoint, settings: Settings, pool: SimulatedNodes | ExistingNodes, image: LockedImage
) -> EndpointPlan:
    profile = next(profile for profile in image.profiles if profile.id == endpoint.profile)
    # A lock entry without sizes leaves the floor of the cache, and `cache_gib` to say more.
    download_bytes = profile.download_bytes or 0
    node_count = pool.node_count if isinstance(pool, SimulatedNodes) else None
    rates = Rates(
        download_bytes_per_second=settings.start_up.download_megabytes_per_second * 1_000_000,
        disk_bytes_per_second=settings.start_up.disk_megabytes_per_second * 1_000_000,
        fixed_seconds=settings.start_up.fixed_seconds,
    )
    return EndpointPlan(
        name=name,
        model=image.model or Image.parse(endpoint.image).repository,
        image=endpoint.image,
        profile=profile,
        replicas=endpoint.replicas,
        pool=endpoint.pool,
        claim_name=claim_name(name, Image.parse(endpoint.image).repository, profile),
        cache_bytes=endpoint.cache_gib * GIB if endpoint.cache_gib else cache_size_bytes(download_bytes),
        access_mode=access_mode(endpoint.replicas, node_count),
        start_up_seconds=start_up_seconds(download_bytes, rates),
        env=endpoint.env,
        pod_annotations=endpoint.pod_annotations,
    )


def _notes(pools: Mapping[str, SimulatedNodes | ExistingNodes], endpoints: tuple[EndpointPlan, ...]) -> Iterator[str]:
    for name, pool in pools.items():
        wanted = sum(endpoint.gpu_total for endpoint in endpoints if endpoint.pool == name)
        if isinstance(pool, SimulatedNodes) and wanted > (offered := pool.node_count * pool.instance_type.gpu_count):
            yield f"pool {name} offers {offered} GPUs and its endpoints want {wanted}: some replicas will stay Pending"
    for endpoint in endpoints:
        if endpoint.profile.download_bytes is None:
            yield (
                f"endpoint {endpoint.name}: the lock file does not say how much its profile downloads; its cache has "
                f"{gib(endpoint.cache_bytes)}. Set cache_gib if that is too little"
            )


def _cross_faults(raw: Mapping[str, Any], lock: Lock, file: str) -> Iterator[Fault]:
    """What no single key shows. Reads the raw content: faults elsewhere in the file hide nothing here."""
    if raw.get("needs_ngc_key", True) is True and API_KEY not in raw:
        fix = f"set it with `pulumi config set --secret {PROJECT}:{API_KEY}`, or set {PROJECT}:needs_ngc_key to false"
        yield Fault(file, f"{PROJECT}:{API_KEY}", f"is missing, and this stack pulls from NVIDIA; {fix}")
    cluster = raw.get("cluster")
    if isinstance(cluster, dict) and ("sandbox" in cluster) == ("context" in cluster):
        yield Fault(file, f"{PROJECT}:cluster", "names both or neither of sandbox and context; name one of them")
    pools, endpoints = _mapping(raw.get("pools")), _mapping(raw.get("endpoints"))
    for name, pool in pools.items():
        yield from _pool_faults(_mapping(pool), f"{PROJECT}:pools.{name}", file)
    for name, endpoint in endpoints.items():
        key = f"{PROJECT}:endpoints.{name}"
        pool = _mapping(endpoint).get("pool")
        if isinstance(pool, str) and pool not in pools:
            yield Fault(file, f"{key}.pool", f"found {pool!r}; pools here: {', '.join(sorted(pools)) or 'none'}")
        yield from _endpoint_faults(_mapping(endpoint), _mapping(pools.get(pool)), lock, key, file)


def _mapping(value: Any) -> dict[str, Any]:  # whatever stands in the file
    return value if isinstance(value, dict) else {}


def _pool_faults(pool: dict[str, Any], key: str, file: str) -> Iterator[Fault]:
    checks = {"instance_type": instance_type, "gpu": gpu_of_product}
    for part, check in checks.items():
        if isinstance(wanted := pool.get(part), str):
            try:
                check(wanted)
            except UnknownInstanceType as error:
                yield Fault(file, f"{key}.{part}", f"found {error}")


def _endpoint_faults(
    endpoint: dict[str, Any], pool: dict[str, Any], lock: Lock, key: str, file: str
) -> Iterator[Fault]:
    image = endpoint.get("image")
    if not isinstance(image, str):
        return
    try:
        Image.parse(image)
        locked = lock.image(image)
    except BadImage as error:
        yield Fault(file, f"{key}.image", f"found {image!r}, which {error}")
        return
    except UnlockedImage as error:
        yield Fault(file, f"{key}.image", " ".join(str(error).split()))
        return
    wanted = endpoint.get("profile")
    if not isinstance(wanted, str) or len(wanted) != 64:
        return
    profile = next((profile for profile in locked.profiles if profile.id == wanted), None)
    if profile is None:
        near = "; ".join(f"{one.profile.id} ({one.profile.name})" for one in closest(wanted, locked.profiles))
        yield Fault(file, f"{key}.profile", f"found {wanted}, which this image does not offer; closest: {near}")
        return
    yield from _gpu_faults(endpoint, pool, profile, key, file)


def _gpu_faults(
    endpoint: dict[str, Any], pool: dict[str, Any], profile: Profile, key: str, file: str
) -> Iterator[Fault]:
    gpu_count = endpoint.get("gpu_count", profile.gpu_count)
    if gpu_count != profile.gpu_count:
        yield Fault(
            file,
            f"{key}.gpu_count",
            f"found {gpu_count}, but {profile.name} runs tensor {profile.tensor_parallel} x pipeline "
            f"{profile.pipeline_parallel} = {profile.gpu_count} GPUs; write that, or leave the key out",
        )
    try:
        nodes = instance_type(pool["instance_type"])
    except (KeyError, UnknownInstanceType):
        return
    if nodes.gpu_count < profile.gpu_count:
        yield Fault(
            file,
            f"{key}.pool",
            f"found nodes of {nodes.name} with {nodes.gpu_count} GPUs each, and one replica needs "
            f"{profile.gpu_count} on one node; choose a pool of larger nodes or another profile",
        )
    floor = profile.min_vram_per_device_gb
    if floor is not None and nodes.gpu.memory_bytes < floor * GB:
        yield Fault(
            file,
            f"{key}.profile",
            f"found {profile.name}, which asks for {floor:g} GB of each GPU; {nodes.gpu.product} has "
            f"{gib(nodes.gpu.memory_bytes)}; choose another profile or another pool",
        )
