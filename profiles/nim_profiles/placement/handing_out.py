"""Which endpoint's pods stand on which node, once it is known how many pods of like endpoints each node holds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle

from nim_profiles.placement.lots import Lot
from nim_profiles.placement.objections import Pods
from nim_profiles.placement.placement import Held, NodeGroup
from nim_profiles.placement.requirement import Requirement
from nim_profiles.placement.solver import Demand, Nodes


def node_groups(
    chosen: Sequence[Nodes], demands: Sequence[Demand], needs: Sequence[Sequence[Requirement]], lots: Sequence[Lot]
) -> tuple[NodeGroup, ...]:
    """`needs` are the endpoints of each demand; their replicas are handed out in order of name."""
    waiting = [iter([need.name for need in group for _ in range(need.replicas_at_most)]) for group in needs]
    groups = []
    for part in chosen:
        # Dealt out in turn, the stages of a replica land on different nodes: none holds more stages than replicas.
        dealt = {
            demand: cycle([next(waiting[demand]) for _ in range(n)]) for demand, n in sorted(part.replicas.items())
        }
        pods = {demand: demands[demand].pods[part.kind] for demand in part.replicas}
        nodes = Counter(tuple(_held(node, dealt, pods)) for node in part.held)
        lot = lots[part.kind]
        groups += [NodeGroup(lot.offering, lot.zones, count, holds) for holds, count in nodes.items()]
    return tuple(sorted(groups, key=lambda group: (group.instance_type, group.offering.sort_key, group.holds)))


def _held(node: Mapping[int, int], dealt: Mapping[int, Iterator[str]], pods: Mapping[int, Pods]) -> list[Held]:
    found: Counter[tuple[str, int, int]] = Counter()
    for demand, count in sorted(node.items()):
        found.update((next(dealt[demand]), pods[demand].need[0], pods[demand].count) for _ in range(count))
    return sorted(Held(name, count, gpus, stages) for (name, gpus, stages), count in found.items())
