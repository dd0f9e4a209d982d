"""From the objects of one namespace to the words of a stack file, and what these cannot say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import Any

from nim_profiles.adoption import deployment, operator
from nim_profiles.adoption.entry import PRODUCT, Entry, endpoint_name, entry_of
from nim_profiles.adoption.found import Left
from nim_profiles.adoption.objects import BadObjects, Object
from nim_profiles.instance import gpu_of_product
from nim_profiles.lock import Lock

NO_POOLS: Mapping[str, str] = MappingProxyType({})
_ELSEWHERE = {
    "HorizontalPodAutoscaler": "replicas are fixed; delete it, or it changes what the stack file says",
    "Ingress": "stays as it is, unmanaged: the Service that it leads to keeps its name",
    "PersistentVolumeClaim": "no endpoint uses it as its cache; stays as it is, unmanaged",
    "Secret": "the stack makes its own from the secret nim:ngcApiKey; this one is in use by nothing afterwards",
    "Service": "leads to none of the endpoints; stays as it is, unmanaged",
}
_FIRST = ("image", "profile", "pool")
_MADE_BY_OTHERS = frozenset({"Endpoints", "EndpointSlice", "Pod", "ReplicaSet"})
"""Objects that controllers make from the ones that are read: nobody misses them."""


@dataclass(frozen=True, slots=True)
class Adoption:
    namespace: str | None
    """None where the objects do not say it."""
    needs_ngc_key: bool
    pools: Mapping[str, Mapping[str, Any]]
    """Those that are yet to be written, as JSON."""
    endpoints: Mapping[str, Mapping[str, Any]]
    left: tuple[Left, ...]

    @property
    def config(self) -> dict[str, Any]:
        """Keys of a stack file, without their prefix."""
        config: dict[str, Any] = {} if self.namespace is None else {"namespace": self.namespace}
        if not self.needs_ngc_key:
            config["needs_ngc_key"] = False
        if self.pools:
            config["pools"] = dict(self.pools)
        return {**config, "endpoints": dict(self.endpoints)}


def adopt(
    objects: Sequence[Object], lock: Lock, *, gpu: str | None = None, pools: Mapping[str, str] = NO_POOLS
) -> Adoption:
    """Raises BadObjects where nothing is served, where it is not one namespace, or where nothing tells the GPU.

    `gpu` is the product of nodes that no node selector tells. `pools` are those that are there, by GPU product. Raises
    UnknownInstanceType for a product that the catalogue does not have.
    """
    served = [*deployment.served(objects), *operator.served(objects)]
    if not served:
        raise BadObjects("no Deployment, StatefulSet or NIMService among the objects serves a NIM")
    spoken_of = [one for _, made_of in served for one in made_of]
    namespaces = sorted({one.namespace for one in spoken_of if one.namespace is not None})
    if len(namespaces) > 1:
        raise BadObjects(
            f"the objects lie in {', '.join(namespaces)}, and a stack has one namespace; give those of one"
        )
    entries = [entry_of(found, lock) for found, _ in served]
    if blind := [found.origin for (found, _), entry in zip(served, entries, strict=True) if not (entry.product or gpu)]:
        raise BadObjects(f"{', '.join(blind)}: no node selector tells the GPU ({PRODUCT}); say it: --gpu NVIDIA-L40S")
    needed: dict[str, dict[str, Any]] = {}
    endpoints: dict[str, Mapping[str, Any]] = {}
    left: list[Left] = []
    for entry in entries:
        pool = _pool(entry, entry.product or gpu or "", pools, needed, left)
        name = next(name for name in _names(entry.name) if name not in endpoints)
        endpoint = {**entry.endpoint, "pool": pool}
        endpoints[name] = {key: endpoint[key] for key in sorted(endpoint, key=_place)}
        left += entry.left
    return Adoption(
        namespace=next(iter(namespaces), None),
        needs_ngc_key=any(found.needs_ngc_key for found, _ in served),
        pools=needed,
        endpoints=endpoints,
        left=tuple(dict.fromkeys([*left, *_unspoken(objects, spoken_of)])),
    )


def _place(key: str) -> int:
    """What tells an endpoint from others stands first."""
    return _FIRST.index(key) if key in _FIRST else len(_FIRST)


def _pool(
    entry: Entry, product: str, pools: Mapping[str, str], needed: dict[str, dict[str, Any]], left: list[Left]
) -> str:
    """One that is there, or one more in `needed`, named by its GPU."""
    if (there := pools.get(product)) is not None:
        if entry.node_labels:
            labels = ", ".join(f"{key}={value}" for key, value in sorted(entry.node_labels.items()))
            left.append(
                Left(f"endpoint {entry.name}: node selector {labels}", f"pool {there} selects nodes its own way")
            )
        return there
    pool: dict[str, Any] = {"back_end": "existing", "gpu": product}
    if entry.node_labels:
        pool["node_labels"] = dict(entry.node_labels)
    short = endpoint_name(gpu_of_product(product).short_name)
    name = next(name for name in _names(short) if name not in pools.values() and needed.get(name, pool) == pool)
    needed[name] = pool
    return name


def _names(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _unspoken(objects: Sequence[Object], spoken_of: Sequence[Object]) -> Iterator[Left]:
    for one in objects:
        if one not in spoken_of and one.kind not in _MADE_BY_OTHERS:
            yield Left(str(one), _ELSEWHERE.get(one.kind, "serves no NIM; stays as it is, unmanaged"))
