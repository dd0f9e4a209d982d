"""What can be known to be wrong before any engine starts, from the files alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacks.cluster import cluster_faults
from stacks.faults import BadStackFile, Fault
from stacks.plan import Plan
from stacks.sandbox_images import unbuilt_faults
from stacks.selected import plain_key_fault, planned_from
from stacks.settings import API_KEY, PROJECT
from stacks.stack_file import read_raw, stack_file_name, with_stand_in

CONFIG_BYTES = 128 * 1024 - len("PULUMI_CONFIG=") - 1
"""What a stack's config may have: the engine hands it to the program, and to a policy pack, in one variable of the
environment (pulumi/pulumi issue 20402), for which Linux has 32 pages (MAX_ARG_STRLEN, execve(2))."""


def planned(root: Path, stack: str, *, preview: bool = False) -> Plan:
    """The plan of a stack file. Raises BadStackFile with every fault. A preview does without the key."""
    raw, file = read_raw(root, stack), stack_file_name(stack)
    if (size := config_bytes(raw)) > CONFIG_BYTES:
        fix = f"it can hand {CONFIG_BYTES:,} to a program; move some of the endpoints to a stack of their own"
        raise BadStackFile([Fault(file, "config", f"has {size:,} bytes as the engine writes it; {fix}")])
    if preview:
        raw = with_stand_in(raw)
    plan = planned_from(raw, root, stack, file)
    faults = [] if preview else [*unbuilt_faults(plan, file)]
    if API_KEY in raw and not (isinstance(raw[API_KEY], dict) and "secure" in raw[API_KEY]):
        faults.append(plain_key_fault(file))
    if faults:
        raise BadStackFile(faults)
    return plan


def config_bytes(raw: Mapping[str, Any]) -> int:
    """Of the JSON in which the engine hands it on: a text for each key, JSON itself where it is no text."""
    told = {f"{PROJECT}:{key}": one if isinstance(one, str) else _json(one) for key, one in raw.items()}
    return len(_json(told))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)


def require_cluster(plan: Plan, root: Path) -> None:
    """Raises BadStackFile when the kubeconfig or its context is not there."""
    faults = tuple(cluster_faults(plan.cluster, root, stack_file_name(plan.stack), offline=False))
    if faults:
        raise BadStackFile(faults)
