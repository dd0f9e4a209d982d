"""Ways that cannot be part of the answer, or only of an equally cheap one, are left out before the program is built."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nim_profiles.placement.objections import Pods, Resources
from nim_profiles.placement.solver import Demand, NodeKind


def reduced(demands: Sequence[Demand], kinds: Sequence[NodeKind]) -> tuple[Demand, ...]:
    """The same demands with fewer kinds of nodes each; the cheapest set stays as cheap, ties go to the first name."""
    ways = [_one_whole_node_kind(demand.pods, kinds) for demand in demands]
    order = sorted(range(len(kinds)), key=lambda index: (kinds[index].usd_per_hour, kinds[index].name))
    for place, worse in enumerate(order):
        if kinds[worse].limit is not None:
            continue
        sharing = [pods for pods in ways if worse in pods and not _fills(pods[worse], kinds[worse].node)]
        if sharing and any(_replaces(better, worse, sharing, kinds) for better in order[:place]):
            for pods in sharing:
                del pods[worse]
    scarce = {index: _scarce(index, ways, kinds[index].node) for index in range(len(kinds))}
    return tuple(
        replace(demand, pods={index: _that_count(need, scarce[index]) for index, need in pods.items()})
        for demand, pods in zip(demands, ways, strict=True)
    )


def _scarce(index: int, ways: Sequence[Mapping[int, Pods]], node: Resources) -> tuple[bool, ...]:
    """For every resource whether it can run out before the GPUs do."""
    needs = {way[index].need for way in ways if index in way}
    return tuple(d == 0 or any(need[d] * node[0] > need[0] * node[d] for need in needs) for d in range(len(node)))


def _that_count(pods: Pods, scarce: Sequence[bool]) -> Pods:
    """Needs of which a node has enough whatever it holds are set to 0, so that more demands are alike."""
    gpus, cpu, memory, nvme = (amount if counts else 0 for amount, counts in zip(pods.need, scarce, strict=True))
    return Pods(pods.count, (gpus, cpu, memory, nvme))


def _one_whole_node_kind(pods: Mapping[int, Pods], kinds: Sequence[NodeKind]) -> dict[int, Pods]:
    """A pod that takes all GPUs of a node shares it with nobody: of such nodes only the cheapest in a zone matters."""
    alone = [index for index, need in pods.items() if kinds[index].limit is None and _fills(need, kinds[index].node)]
    best: dict[str, int] = {}
    for index in sorted(alone, key=lambda i: (kinds[i].usd_per_hour * pods[i].count, pods[i].count, kinds[i].name)):
        best.setdefault(kinds[index].zone, index)
    return {index: need for index, need in pods.items() if index not in alone or best[kinds[index].zone] == index}


def _fills(pods: Pods, node: Resources) -> bool:
    return pods.need[0] == node[0]


def _replaces(better: int, worse: int, sharing: Sequence[Mapping[int, Pods]], kinds: Sequence[NodeKind]) -> bool:
    """Whatever a node of the one kind holds, a node of the other, no dearer kind can hold."""
    this, that = kinds[better], kinds[worse]
    if this.limit is not None or this.zone != that.zone or this.node[0] < that.node[0]:
        return False
    if any(better not in pods or pods[better] != pods[worse] for pods in sharing):
        return False
    return all(
        mine >= its or all(pods[worse].need[d] * this.node[0] <= pods[worse].need[0] * mine for pods in sharing)
        for d, (mine, its) in enumerate(zip(this.node, that.node, strict=True))
    )
