"""Is the placement the cheapest there is, and how fast is it? `uv run python bench/placement_regret.py --cases 500`.

Regret: random small questions over random types of the catalogue (real and made-up prices, needs that share nodes
badly, pipelines over nodes, zones, limits, ceilings) are put to `place` and to the exhaustive search below, which tries
every way to put every replica on every open or new node. It shares no rule with `place` and reads the catalogue's file
itself. Refusals must agree as well. Time: 1, 10 and 100 endpoints against all types of us-east-1, with realistic needs;
the median of `--rounds`. Exit 1 where `place` is dearer or cheaper than the exhaustive search (cheaper: one of them is
wrong), or refuses what the other does not.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

from nim_profiles.placement import (
    CapacityType,
    Constraints,
    Engine,
    Offering,
    Requirement,
    Unplaceable,
    catalogue_offerings,
    place,
)

GIB = 1024**3
ROWS: dict[str, dict[str, Any]] = {  # Any: JSON
    row["instance_type"]: row
    for row in json.loads(files("nim_profiles").joinpath("data/gpu_instances.json").read_text("utf-8"))["instances"]
}
OFFERINGS = catalogue_offerings()
KINDS = {offering.instance_type.name: offering.instance_type for offering in OFFERINGS}
LEAST_CAPABILITY = {
    ("nim", "fp16"): 7.5,
    ("nim", "bf16"): 8.0,
    ("nim", "fp8"): 8.9,
    ("nim", "nvfp4"): 10.0,
    ("vllm", "fp16"): 7.0,
    ("vllm", "bf16"): 8.0,
    ("vllm", "fp8"): 8.0,
    ("vllm", "nvfp4"): 10.0,
}
SIZES = (1, 10, 100)

Node = tuple[int, int, int, int, int]
"""Index of the offering, then what is free: GPUs, CPU in millicores, memory, instance store."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3, help="per number of endpoints, each with other endpoints")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = regret(args.cases, args.seed)
    result["seconds"] = {str(size): seconds(size, args.seed, args.rounds) for size in SIZES}
    faults = result.pop("faults")
    for fault in faults:
        print(fault, file=sys.stderr)
    if args.json:
        print(json.dumps(result, indent=2))
    else:
        for key, value in result.items():
            print(f"{key:24} {value}")
        one, ten, hundred = (result["seconds"][str(size)] for size in SIZES)
        print(f"{'growth':24} x{ten / one:.1f} from 1 to 10 endpoints, x{hundred / ten:.1f} from 10 to 100")
    return 1 if faults else 0


def regret(cases: int, seed: int) -> dict[str, Any]:
    worst, alike, refused, faults = Decimal(0), 0, 0, []
    for number in range(cases):
        needs, offerings, constraints = random_case(random.Random(f"{seed}/{number}"))  # noqa: S311 - cases to try, no secrets
        best = exhaustive(needs, offerings, constraints)
        try:
            found = place(needs, offerings, constraints).usd_per_hour
        except Unplaceable:
            found = None
        refused += best is None
        alike += (found is None) == (best is None)
        if found is not None and best is not None:
            worst = max(worst, found - best)
        if found != best:
            faults.append(f"case {seed}/{number}: place says {found}, exhaustive search says {best}")
    return {
        "cases": cases,
        "max_regret_usd_per_hour": float(worst),
        "refused": refused,
        "refused_alike": alike == cases,
        "faults": faults,
    }


def random_case(rng: random.Random) -> tuple[list[Requirement], list[Offering], Constraints]:
    zones = ("z1", "z2") if rng.random() < 0.25 else ("z1",)
    families = rng.sample(sorted({name.partition(".")[0] for name in KINDS}), 4)
    names = [name for name in sorted(KINDS) if name.partition(".")[0] in families or rng.random() < 0.05]
    made_up = rng.random() < 0.5
    offerings = []
    for name in rng.sample(names, min(len(names), rng.randint(2, 4 if len(zones) > 1 else 7))):
        price = KINDS[name].usd_per_hour
        if made_up or price is None:
            price = Decimal(rng.randint(1, 12) * KINDS[name].gpu_count) / rng.choice((1, 3, 7))
            price = price.quantize(Decimal("0.0001"))
        for zone in zones if rng.random() < 0.8 else zones[:1]:
            limit = rng.randint(0, 3) if rng.random() < 0.15 else None
            offerings.append(
                Offering(instance_type=KINDS[name], region="us-east-1", zone=zone, usd_per_hour=price, node_limit=limit)
            )
    offered = sorted({offering.instance_type.name for offering in offerings})
    needs: list[Requirement] = []
    left = rng.randint(1, 6)
    while left > 0:
        replicas = rng.randint(1, left)
        left -= replicas
        needs.append(_random_need(rng, f"e{len(needs)}", replicas, offered))
    ceiling = Decimal(rng.randint(1, 60)) if rng.random() < 0.1 else None
    constraints = Constraints(
        spread_zones=2 if rng.random() < 0.2 else 1,
        custom_image=rng.random() < 0.7,
        usd_per_hour_ceiling=ceiling,
        deny=(rng.choice(names),) if rng.random() < 0.1 else (),
        system_cpu_millicores_per_node=rng.choice((0, 0, 0, 500)),
    )
    return needs, offerings, constraints


def _random_need(rng: random.Random, name: str, replicas: int, offered: Sequence[str]) -> Requirement:
    """Cut to one of the types on offer, so that most questions have an answer, and to shares that fill nodes badly."""
    kind = KINDS[rng.choice(offered)]
    surge = rng.randint(0, 1) if replicas > 1 else 0
    tensor = rng.choice([size for size in (1, 1, 2, 2, 3, 4, 8) if size <= kind.gpu_count])
    share = Fraction(tensor, kind.gpu_count)
    return Requirement(
        name=name,
        replicas=replicas - surge,
        max_surge=surge,
        memory_bytes_per_gpu=kind.gpu.memory_bytes * rng.choice((20, 60, 100, 100, 101)) // 100,
        precision=rng.choice(("fp16", "fp16", "fp16", "bf16", "fp8", "nvfp4")),
        engine=rng.choice((Engine.NIM, Engine.VLLM)),
        tensor_parallel=tensor,
        pipeline_parallel=rng.choice((1, 1, 1, 2, 3)),
        cpu_millicores_per_pod=_amount(rng, kind.cpu_count * 1000, share),
        memory_bytes_per_pod=_amount(rng, kind.memory_bytes, share),
        nvme_bytes_per_pod=_amount(rng, kind.local_nvme_bytes, share),
    )


def _amount(rng: random.Random, of_node: int, share: Fraction) -> int:
    return min(of_node, int(of_node * share * rng.choice((0, 0, 0, 50, 90, 110, 150, 250)) / 100))


def exhaustive(needs: Sequence[Requirement], offerings: Sequence[Offering], constraints: Constraints) -> Decimal | None:
    """The least cost over all ways to put all replicas somewhere; None where there is none."""
    replicas = [need for need in needs for _ in range(need.replicas + need.max_surge)]
    best: Decimal | None = None
    layer: dict[tuple[Any, ...], Decimal] = {((), ()): Decimal(0)}
    # Layer after layer: all that can be open once the first, the first two, ... replicas stand somewhere. Two ways that
    # leave the same nodes with the same room and the same replicas in each zone differ only in cost.
    for need in replicas:
        after: dict[tuple[Any, ...], Decimal] = {}
        for (nodes, zones), cost in layer.items():
            for open_nodes, zone, price in _ways(need, nodes, offerings, constraints):
                state = (tuple(sorted(open_nodes)), tuple(sorted((*zones, (need.name, zone)))))
                if state not in after or cost + price < after[state]:
                    after[state] = cost + price
        layer = after
    for (_, zones), cost in layer.items():
        if _spread_enough(needs, zones, constraints.spread_zones) and (best is None or cost < best):
            best = cost
    ceiling = constraints.usd_per_hour_ceiling
    return None if best is None or (ceiling is not None and best > ceiling) else best


def _ways(
    need: Requirement, nodes: tuple[Node, ...], offerings: Sequence[Offering], constraints: Constraints
) -> Iterator[tuple[list[Node], str, Decimal]]:
    """Every way to put one more replica: on nodes of one offering, open ones or new ones, one for each pod."""
    for index, offering in enumerate(offerings):
        row = ROWS[offering.instance_type.name]
        if not _usable(need, row, offering, constraints):
            continue
        whole = row["gpu_count"] >= need.tensor_parallel * need.pipeline_parallel
        if not whole and (row["gpu_count"] < need.tensor_parallel or not row["efa_interfaces"]):
            continue
        pods = 1 if whole else need.pipeline_parallel
        gpus = need.tensor_parallel * need.pipeline_parallel if whole else need.tensor_parallel
        want = (gpus, need.cpu_millicores_per_pod, need.memory_bytes_per_pod, need.nvme_bytes_per_pod)
        fresh: Node = (
            index,
            row["gpu_count"],
            row["vcpus"] * 1000 - constraints.system_cpu_millicores_per_node,
            int(row["memory_gib"] * GIB),
            int((row["local_nvme_gb"] or 0) * 10**9),
        )
        if any(have < amount for have, amount in zip(fresh[1:], want, strict=True)):
            continue
        price = offering.usd_per_hour
        assert price is not None
        mine = sum(node[0] == index for node in nodes)
        for taken in _subsets(
            [spot for spot, node in enumerate(nodes) if node[0] == index and _room(node, want)], pods
        ):
            new = pods - len(taken)
            if offering.node_limit is not None and mine + new > offering.node_limit:
                continue
            after = [_put(node, want) if spot in taken else node for spot, node in enumerate(nodes)]
            yield [*after, *[_put(fresh, want)] * new], offering.zone, new * price


def _usable(need: Requirement, row: dict[str, Any], offering: Offering, constraints: Constraints) -> bool:
    known = [size for size in (row["gpu_memory_api_mib"], row["gpu_memory_smi_mib"]) if size is not None]
    return (
        row["nim_whole_gpu_usable"]
        and bool(known)
        and min(known) * 1024**2 >= need.memory_bytes_per_gpu
        and float(row["gpu_compute_capability"]) >= LEAST_CAPABILITY[str(need.engine), need.precision]
        and row["architecture"] == ["x86_64"]
        and (bool(row["eks_ami_types"]) or constraints.custom_image)
        and offering.capacity_type is CapacityType.ON_DEMAND
        and row["instance_type"] not in constraints.deny
    )


def _subsets(places: Sequence[int], at_most: int) -> Iterator[frozenset[int]]:
    yield frozenset()
    if at_most:
        for position, first in enumerate(places):
            for rest in _subsets(places[position + 1 :], at_most - 1):
                yield rest | {first}


def _room(node: Node, want: tuple[int, int, int, int]) -> bool:
    return all(have >= amount for have, amount in zip(node[1:], want, strict=True))


def _put(node: Node, want: tuple[int, int, int, int]) -> Node:
    return (node[0], node[1] - want[0], node[2] - want[1], node[3] - want[2], node[4] - want[3])


def _spread_enough(needs: Sequence[Requirement], placed: tuple[tuple[str, str], ...], spread_zones: int) -> bool:
    for need in needs:
        zones = [zone for name, zone in placed if name == need.name]
        wanted = min(spread_zones, len(zones))
        if len(set(zones)) < wanted or any(zones.count(zone) > -(-len(zones) // wanted) for zone in zones):
            return False
    return True


def seconds(endpoints: int, seed: int, rounds: int) -> float:
    """Median over `rounds` sets of endpoints, the answer's runner-up and refusals included."""
    times = []
    for number in range(rounds):
        rng = random.Random(f"{seed}/{endpoints}/{number}")  # noqa: S311 - cases to try, no secrets
        needs = [_real_need(rng, f"endpoint-{index}") for index in range(endpoints)]
        start = time.perf_counter()
        place(needs, OFFERINGS)
        times.append(time.perf_counter() - start)
    return round(statistics.median(times), 3)


# Billions of weights, tensor and pipeline parallel: the sizes that models come in.
MODELS = ((1.5, 1, 1), (8, 1, 1), (8, 1, 1), (14, 1, 1), (32, 2, 1), (70, 4, 1), (70, 8, 1), (235, 8, 1), (405, 8, 2))
BYTES_PER_WEIGHT = {"bf16": 2.0, "fp8": 1.0, "nvfp4": 0.57}


def _real_need(rng: random.Random, name: str) -> Requirement:
    billions, tensor, pipeline = rng.choice(MODELS)
    precision = rng.choice(("bf16", "fp8", "fp8", "nvfp4"))
    weights = billions * 1e9 * BYTES_PER_WEIGHT[precision]
    return Requirement(
        name=name,
        precision=precision,
        tensor_parallel=tensor,
        pipeline_parallel=pipeline,
        memory_bytes_per_gpu=int(weights * 1.1 / tensor / pipeline) + rng.choice((2, 4, 8, 16)) * GIB,
        replicas=rng.randint(1, 4),
        max_surge=rng.randint(0, 1),
        cpu_millicores_per_pod=rng.choice((2000, 4000)) * tensor,
        memory_bytes_per_pod=rng.choice((8, 16, 32)) * GIB,
        nvme_bytes_per_pod=rng.choice((0, 0, int(1.3 * weights))),
    )


if __name__ == "__main__":
    sys.exit(main())
