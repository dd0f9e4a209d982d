"""The stack that the engine selected, planned. The only reader of the engine's config."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from nim_profiles.lock import BadLock, Lock
from stacks.cluster import cluster_faults
from stacks.faults import BadStackFile, Fault
from stacks.plan import LOCK_FILE, Plan, make_plan
from stacks.sandbox_images import pinned
from stacks.settings import API_KEY, PROJECT
from stacks.stack_file import decode_config, stack_file_name

ROOT = Path(__file__).resolve().parent.parent


def selected_stack() -> Plan:
    """Raises BadStackFile, which the engine shows without a traceback."""
    stack = pulumi.get_stack()
    file = stack_file_name(stack)
    plan = planned_from(decode_config(get_config_env()), ROOT, stack, file)
    faults = [*cluster_faults(plan.cluster, ROOT, file, offline=pulumi.runtime.is_dry_run())]
    if plan.uses_ngc_key and f"{PROJECT}:{API_KEY}" not in get_config_secret_keys_env():
        faults.append(plain_key_fault(file))
    if faults:
        raise BadStackFile(faults)
    return plan


def planned_from(raw: Mapping[str, Any], root: Path, stack: str, file: str) -> Plan:
    """The plan of a stack file's content and the lock file beside it."""
    path = root / LOCK_FILE
    try:
        lock = Lock.read(path)
    except BadLock as error:
        raise BadStackFile([Fault(fault, "", "") for fault in error.faults]) from None
    raw, lock = pinned(raw, lock, root, file)
    return make_plan(raw, lock, path.parent, stack=stack, file=file)


def plain_key_fault(file: str) -> Fault:
    """The value itself is never shown."""
    fix = f"revoke that key, then run `pulumi config set --secret {PROJECT}:{API_KEY}` with a new one"
    return Fault(file, f"{PROJECT}:{API_KEY}", f"is written in plain text; {fix}")
