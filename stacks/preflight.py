"""What can be known to be wrong before any engine starts, from the files alone."""

from pathlib import Path

from stacks.cluster import cluster_faults
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.selected import plain_key_fault, planned_from
from stacks.settings import API_KEY
from stacks.stack_file import read_raw, stack_file_name, with_stand_in


def planned(root: Path, stack: str, *, preview: bool = False) -> Plan:
    """The plan of a stack file. Raises BadStackFile with every fault. A preview does without the key."""
    raw, file = read_raw(root, stack), stack_file_name(stack)
    if preview:
        raw = with_stand_in(raw)
    plan = planned_from(raw, root, stack, file)
    if API_KEY in raw and not (isinstance(raw[API_KEY], dict) and "secure" in raw[API_KEY]):
        raise BadStackFile([plain_key_fault(file)])
    return plan


def require_cluster(plan: Plan, root: Path) -> None:
    """Raises BadStackFile when the kubeconfig or its context is not there."""
    faults = tuple(cluster_faults(plan.cluster, root, stack_file_name(plan.stack), offline=False))
    if faults:
        raise BadStackFile(faults)
