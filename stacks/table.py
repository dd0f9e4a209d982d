"""The table at the end of `make up`: what was wanted, where it runs, and what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from nim_profiles.units import gib
from stacks.existing import for_gpus
from stacks.live import Replica
from stacks.memory import in_short
from stacks.plan import EndpointPlan, Plan


def endpoints_table(plan: Plan, outputs: Mapping[str, Any], pods: Mapping[str, tuple[Replica, ...]]) -> Table:
    """One row an endpoint. `outputs` is the stack's output `endpoints`: empty for what was never deployed."""
    table = Table(title=f"Endpoints of stack {plan.stack}", title_justify="left")
    for column in ("endpoint", "profile", "GPUs a replica", "memory a GPU", "node", "URL in the cluster", "status"):
        table.add_column(column, overflow="fold", no_wrap=column.startswith(("endpoint", "GPUs", "memory")))
    for endpoint in plan.endpoints:
        here = pods.get(endpoint.name, ())
        url = str(outputs.get(endpoint.name, {}).get("url", "-"))
        nodes = "\n".join(sorted({node for replica in here for node in replica.nodes})) or "-"
        table.add_row(
            endpoint.name,
            _profile(endpoint),
            _gpus(endpoint, plan),
            _memory(endpoint, plan),
            nodes,
            url,
            _status(endpoint, here),
        )
    return table


def _profile(endpoint: EndpointPlan) -> str:
    return f"{endpoint.profile.name}\n{endpoint.profile.id[:12]}…"


def _gpus(endpoint: EndpointPlan, plan: Plan) -> str:
    if not for_gpus(endpoint.profile):
        return "none"
    nodes = "" if endpoint.nodes_per_replica == 1 else f"\non {endpoint.nodes_per_replica} nodes"
    return f"{endpoint.profile.gpu_count} x {plan.pools[endpoint.pool].gpu.short_name}{nodes}"


def _memory(endpoint: EndpointPlan, plan: Plan) -> str:
    """Our estimate of the need where there is one; else NVIDIA's floor for the profile, where one is known."""
    gpu = plan.pools[endpoint.pool].gpu
    if endpoint.fit is not None:
        return in_short(endpoint.fit, gpu)
    floor = endpoint.profile.min_vram_per_device_gb
    usable = gib(gpu.memory_bytes)
    return usable if floor is None else f">= {floor:g} GB of {usable}"


def _status(endpoint: EndpointPlan, here: tuple[Replica, ...]) -> str:
    ready = sum(replica.ready for replica in here)
    lines = [f"{ready} of {endpoint.replicas} ready"]
    lines += sorted({replica.trouble for replica in here if replica.trouble and not replica.ready})
    style = "green" if ready == endpoint.replicas else "red"
    return f"[{style}]{lines[0]}[/]" + "".join(f"\n{escape(line)}" for line in lines[1:])
