"""Do these pods fit on so many nodes of one type? Exactly: first by a rule of thumb, then by all fillings of a node."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nim_profiles.placement.objections import Resources
from nim_profiles.placement.program import INFINITY, Program

Filling = tuple[int, ...]
"""Pods of every load on one node."""


@dataclass(frozen=True, slots=True)
class Load:
    """Pods that are alike."""

    need: Resources
    count: int
    per_node_at_most: int
    """The stages of one replica stay apart: a node holds no more of them than there are replicas."""


def most_on_one_node(node: Resources, need: Resources) -> int:
    return min(have // want for have, want in zip(node, need, strict=True) if want)


def pack(node: Resources, loads: Sequence[Load], node_count: int) -> tuple[Filling, ...] | None:
    """For every node how many pods of every load it holds; None where they do not fit."""
    return _first_fit(node, loads, node_count) or _by_fillings(node, loads, node_count)


def prices_of_pods(node: Resources, loads: Sequence[Load]) -> tuple[float, tuple[float, ...]]:
    """The nodes that the loads take at least, and a price for a pod of each load at which no filling is worth more
    than one node: the bound holds for any other number of pods at the same prices.
    """
    program, _ = _program(node, loads, capped=False)
    return program.relaxed()


def _first_fit(node: Resources, loads: Sequence[Load], node_count: int) -> tuple[Filling, ...] | None:
    """Largest pods first, each on the first node with room."""
    free = [node] * node_count
    held = [[0] * len(loads) for _ in range(node_count)]
    for index in sorted(range(len(loads)), key=lambda i: loads[i].need, reverse=True):
        load, left = loads[index], loads[index].count
        for place in range(node_count):
            taken = min(left, load.per_node_at_most, most_on_one_node(free[place], load.need))
            held[place][index] = taken
            free[place] = _less(free[place], load.need, taken)
            left -= taken
        if left:
            return None
    return tuple(tuple(pods) for pods in held)


def _by_fillings(node: Resources, loads: Sequence[Load], node_count: int) -> tuple[Filling, ...] | None:
    program, fillings = _program(node, loads, capped=True)
    counts = program.solve()
    if counts is None or sum(counts) > node_count:
        return None
    left = [load.count for load in loads]
    nodes = []
    for filling in [filling for filling, count in zip(fillings, counts, strict=True) for _ in range(count)]:
        # A filling is as full as can be; what it has too much of is left out.
        pods = tuple(min(have, want) for have, want in zip(filling, left, strict=True))
        left = [want - have for want, have in zip(left, pods, strict=True)]
        nodes.append(pods)
    return tuple(nodes)


def _program(node: Resources, loads: Sequence[Load], *, capped: bool) -> tuple[Program, list[Filling]]:
    """The fewest fillings that hold all pods."""
    most = [min(load.count, load.per_node_at_most) if capped else INFINITY for load in loads]
    fillings = list(_full(node, [load.need for load in loads], most))
    program = Program()
    columns = [program.column(1.0) for _ in fillings]
    for index, load in enumerate(loads):
        holders = {column: float(f[index]) for column, f in zip(columns, fillings, strict=True) if f[index]}
        program.row(load.count, INFINITY, holders)
    return program, fillings


def _full(free: Resources, needs: Sequence[Resources], most: Sequence[float], begun: Filling = ()) -> Iterator[Filling]:
    """Every filling to which no pod can be added."""
    if len(begun) == len(needs):
        if not any(have < cap and most_on_one_node(free, n) for have, cap, n in zip(begun, most, needs, strict=True)):
            yield begun
        return
    need, cap = needs[len(begun)], most[len(begun)]
    for count in range(int(min(most_on_one_node(free, need), cap)), -1, -1):
        yield from _full(_less(free, need, count), needs, most, (*begun, count))


def _less(free: Resources, need: Resources, count: int) -> Resources:
    return (
        free[0] - count * need[0],
        free[1] - count * need[1],
        free[2] - count * need[2],
        free[3] - count * need[3],
    )
