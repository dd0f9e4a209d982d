"""The cheapest nodes for all demands together, proven: how many replicas go to which kind of node, and how many nodes.

The program counts pods and nodes by kind and checks resources in sum, which allows too much where pods do not fill
nodes evenly. So the pods of each kind are packed for real afterwards; what cannot be packed becomes a row that forbids
just that, and the program runs again. It ends with the cheapest set that can be packed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nim_profiles.placement.objections import Pods, Resources
from nim_profiles.placement.packing import most_on_one_node, pack
from nim_profiles.placement.program import INFINITY, Program
from nim_profiles.placement.proofs import Proof, forbid, loads_of, proof_of

TOLERANCE = 4e-7
"""USD an hour. Prices have at most six decimals, so two costs that are nearer are equal."""


@dataclass(frozen=True, slots=True)
class NodeKind:
    """Nodes that are alike. `name` breaks ties."""

    name: str
    usd_per_hour: Decimal
    node: Resources
    limit: int | None
    zone: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Replicas that are alike."""

    replicas: int
    pods: Mapping[int, Pods]
    """By the index of each kind of node that holds them."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """What was chosen of one kind: for every node the number of pods of every demand."""

    kind: int
    replicas: Mapping[int, int]
    """By the index of the demand."""
    held: tuple[Mapping[int, int], ...]


Choice = Mapping[int, tuple[Mapping[int, int], int]]
"""For every kind that is used: replicas by demand, and the number of nodes."""


def solve(
    demands: Sequence[Demand], kinds: Sequence[NodeKind], spread_zones: int = 1, at_most_usd: Decimal | None = None
) -> tuple[Nodes, ...] | None:
    """None where the demands cannot all be met: limits on nodes, too few zones, or a cost above `at_most_usd`."""
    return _packed(_Question(demands, kinds, spread_zones, [float(kind.usd_per_hour) for kind in kinds], at_most_usd))


def tie_broken(
    chosen: tuple[Nodes, ...], demands: Sequence[Demand], kinds: Sequence[NodeKind], spread_zones: int = 1
) -> tuple[Nodes, ...]:
    """Of all sets as cheap as `chosen`, one with the fewest nodes, and then of types early in the alphabet."""
    names = {name: rank for rank, name in enumerate(sorted({kind.name for kind in kinds}))}
    weights = [1000.0 + names[kind.name] for kind in kinds]
    other = _packed(_Question(demands, kinds, spread_zones, weights, _cost(chosen, kinds)))
    return chosen if other is None or _cost(other, kinds) != _cost(chosen, kinds) else other


def _cost(chosen: Sequence[Nodes], kinds: Sequence[NodeKind]) -> Decimal:
    return sum((len(nodes.held) * kinds[nodes.kind].usd_per_hour for nodes in chosen), Decimal(0))


@dataclass(frozen=True, slots=True)
class _Question:
    demands: Sequence[Demand]
    kinds: Sequence[NodeKind]
    spread_zones: int
    weights: Sequence[float]
    """What is minimised, for a node of each kind."""
    at_most_usd: Decimal | None


def _packed(asked: _Question) -> tuple[Nodes, ...] | None:
    proofs: list[Proof] = []
    while asked.demands:
        chosen = _choose(asked, proofs)
        if chosen is None:
            return None
        packed: list[Nodes] = []
        clashes: list[Proof] = []
        for index, (replicas, node_count) in sorted(chosen.items()):
            node = asked.kinds[index].node
            counted = {number: (asked.demands[number].pods[index], count) for number, count in replicas.items()}
            held = pack(node, loads_of(counted), node_count)
            if held is None:
                clashes.append(proof_of(node, counted, node_count))
            else:
                nodes = tuple({d: n for d, n in zip(replicas, node, strict=True) if n} for node in held)
                packed.append(Nodes(index, replicas, nodes))
        if not clashes:
            return tuple(packed)
        proofs += clashes
    return ()


def _choose(asked: _Question, proofs: Sequence[Proof]) -> Choice | None:
    program, demands, kinds = Program(), asked.demands, asked.kinds
    users: dict[int, list[int]] = {}
    for number, demand in enumerate(demands):
        for index in demand.pods:
            users.setdefault(index, []).append(number)
    nodes = {i: program.column(asked.weights[i], _or_infinity(kinds[i].limit)) for i in sorted(users)}
    share = [{index: program.column(upper=demand.replicas) for index in demand.pods} for demand in demands]
    if asked.at_most_usd is not None:
        costs = {column: float(kinds[index].usd_per_hour) for index, column in nodes.items()}
        program.row(0, float(asked.at_most_usd) + TOLERANCE, costs)
    for demand, columns in zip(demands, share, strict=True):
        program.row(demand.replicas, demand.replicas, dict.fromkeys(columns.values(), 1.0))
        _spread(program, demand, columns, kinds, asked.spread_zones)
        for index, column in columns.items():
            _stages(program, demand.pods[index].count, demand.replicas, column, nodes[index])
    for index, column in nodes.items():
        pods = {number: demands[number].pods[index] for number in users[index]}
        columns = {number: share[number][index] for number in users[index]}
        for row in _node_rows(kinds[index].node, {columns[number]: pods[number] for number in pods}):
            program.row(-INFINITY, 0, {**row, column: -1.0})
        forbid(program, proofs, kinds[index].node, pods, columns, column)
    values = program.solve()
    if values is None:
        return None
    return {
        index: ({n: values[share[n][index]] for n in users[index] if values[share[n][index]]}, values[column])
        for index, column in nodes.items()
        if values[column]
    }


def _or_infinity(limit: int | None) -> float:
    return INFINITY if limit is None else limit


def _stages(program: Program, stages: int, replicas: int, share: int, nodes: int) -> None:
    """The stages of one replica stand on different nodes, so there are as many nodes if there is a replica at all."""
    if stages > 1:
        used = program.column(upper=1)
        program.row(-INFINITY, 0, {share: 1.0, used: -float(replicas)})
        program.row(-INFINITY, 0, {used: float(stages), nodes: -1.0})


def _node_rows(node: Resources, loads: Mapping[int, Pods]) -> list[dict[int, float]]:
    """Rows `sum <= number of nodes` that every packing keeps: resources in sum, and sharper ones where pods leave gaps.

    With u the part of a node that a pod takes, floor((k + 1) u) / k (and u itself where (k + 1) u is whole) never adds
    up to more than 1 on a node: the classical dual feasible functions of bin packing.
    """
    rows: list[dict[int, float]] = []
    for dimension, have in enumerate(node):
        wants = {column: pods.need[dimension] for column, pods in loads.items()}
        if dimension and all(wants[c] * node[0] <= pods.need[0] * have for c, pods in loads.items()):
            continue  # GPUs run out first, whatever is put together
        uneven = any(want and have % want for want in wants.values())
        for k in (0, 1, 2, 3, 4) if uneven else (0,):
            row = {
                column: pods.count
                * (want / have if k == 0 or (k + 1) * want % have == 0 else (k + 1) * want // have / k)
                for column, pods in loads.items()
                if (want := wants[column])
            }
            rows.append(row)
    for column, pods in loads.items():
        rows.append({column: pods.count / most_on_one_node(node, pods.need)})
    return rows


def _spread(
    program: Program, demand: Demand, share: Mapping[int, int], kinds: Sequence[NodeKind], spread_zones: int
) -> None:
    zone_count = min(spread_zones, demand.replicas)
    if zone_count <= 1:
        return
    used: dict[int, float] = {}
    for zone in sorted({kinds[index].zone for index in share}):
        here = {column: 1.0 for index, column in share.items() if kinds[index].zone == zone}
        flag = program.column(upper=1)
        used[flag] = 1.0
        program.row(0, INFINITY, {**here, flag: -1.0})
        program.row(0, -(-demand.replicas // zone_count), here)
    program.row(zone_count, INFINITY, used)
