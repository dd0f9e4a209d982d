"""Proofs that pods do not fit as they were counted, and the rows that keep the program from counting so again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nim_profiles.placement.objections import Pods, Resources
from nim_profiles.placement.packing import Load, pack, prices_of_pods
from nim_profiles.placement.program import INFINITY, Program

Counted = Mapping[int, tuple[Pods, int]]
"""By demand: the pods of a replica, and the number of replicas."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """These replicas, by demand, do not fit on so many nodes of this size."""

    node: Resources
    replicas: Mapping[int, int]
    node_count: int


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices of pods, in nodes, at which nothing that fits on a node of this size is worth more than 1."""

    node: Resources
    prices: tuple[tuple[Resources, float], ...]

    def price(self, need: Resources) -> float:
        """Whatever needs no less than a pod of the list is worth no less: it could give way to that pod."""
        return max((price for small, price in self.prices if _within(small, need)), default=0.0)


Proof = Misfit | PriceList


def loads_of(counted: Counted) -> list[Load]:
    return [Load(pods.need, count * pods.count, count) for pods, count in counted.values()]


def proof_of(node: Resources, counted: Counted, node_count: int) -> Proof:
    """By prices where they suffice, since they forbid the most; else these very replicas, less what is not to blame."""
    loads = loads_of(counted)
    bound, prices = prices_of_pods(node, loads)
    if bound > node_count + 1e-4:  # else HiGHS might not see that the row is broken
        return PriceList(node, tuple(zip((load.need for load in loads), prices, strict=True)))
    left = dict(counted)
    for demand in counted:
        fewer = {other: each for other, each in left.items() if other != demand}
        if fewer and pack(node, loads_of(fewer), node_count) is None:
            left = fewer
    return Misfit(node, {demand: count for demand, (_, count) in left.items()}, node_count)


def forbid(
    program: Program,
    proofs: Sequence[Proof],
    node: Resources,
    pods: Mapping[int, Pods],
    share: Mapping[int, int],
    nodes: int,
) -> None:
    """Rows for one kind of node: `pods` and the column of replicas by demand, and the column of the number of nodes."""
    for proof in proofs:
        if isinstance(proof, PriceList):
            if _within(node, proof.node):
                worth = {share[demand]: each.count * proof.price(each.need) for demand, each in pods.items()}
                program.row(-INFINITY, 0, {**worth, nodes: -1.0})
        elif proof.node == node and proof.replicas.keys() <= pods.keys():
            _more_nodes_or_fewer_replicas(program, proof, share, nodes)


def _more_nodes_or_fewer_replicas(program: Program, misfit: Misfit, share: Mapping[int, int], nodes: int) -> None:
    more = program.column(upper=1)
    program.row(0, INFINITY, {nodes: 1.0, more: -float(misfit.node_count + 1)})
    ways = {more: 1.0}
    for demand, count in misfit.replicas.items():
        fewer, most = program.column(upper=1), program.uppers[share[demand]]
        program.row(-INFINITY, most, {share[demand]: 1.0, fewer: most - count + 1})
        ways[fewer] = 1.0
    program.row(1, INFINITY, ways)


def _within(small: Resources, large: Resources) -> bool:
    return all(a <= b for a, b in zip(small, large, strict=True))
