"""The stack that the engine selected, planned. The only reader of the engine's config."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from nim_profiles.lock import BadLock, Lock
from stacks import on_paper
from stacks.cluster import cluster_faults
from stacks.faults import BadStackFile, Fault
from stacks.plan import Plan
from stacks.planning import LOCK_FILE, make_plan
from stacks.sandbox_images import pinned, unbuilt_faults
from stacks.settings import API_KEY, PROJECT, STAND_IN
from stacks.stack_file import decode_config, stack_file_name, with_stand_in

ROOT = Path(__file__).resolve().parent.parent


def selected_stack() -> Plan:
    """Raises BadStackFile, which the engine shows without a traceback."""
    stack, preview = pulumi.get_stack(), pulumi.runtime.is_dry_run()
    file, given = stack_file_name(stack), decode_config(get_config_env())
    raw = with_stand_in(given) if preview else given
    if preview and (paper := on_paper.files()) is not None:
        return planned_from(raw, paper, stack, file)
    plan = planned_from(raw, ROOT, stack, file)
    faults = [*cluster_faults(plan.cluster, ROOT, file, offline=preview)]
    if not preview:
        faults += unbuilt_faults(plan, file)
    if API_KEY in given and f"{PROJECT}:{API_KEY}" not in get_config_secret_keys_env():
        faults.append(plain_key_fault(file))
    if faults:
        raise BadStackFile(faults)
    return plan


def ngc_key() -> pulumi.Output[str]:
    """The secret; in a preview, where there is none, a secret that stands in for it."""
    config = pulumi.Config(PROJECT)
    if pulumi.runtime.is_dry_run():
        return config.get_secret(API_KEY) or pulumi.Output.secret(STAND_IN["secure"])
    return config.require_secret(API_KEY)


def planned_from(raw: Mapping[str, Any], root: Path, stack: str, file: str) -> Plan:
    """The plan of a stack file's content and the lock file beside it."""
    raw, lock = locked(raw, root, file)
    return make_plan(raw, lock, (root / LOCK_FILE).parent, stack=stack, file=file)


def locked(raw: Mapping[str, Any], root: Path, file: str) -> tuple[Mapping[str, Any], Lock]:
    """A stack file's content with every image by digest, and the lock file with every one of them."""
    try:
        lock = Lock.read(root / LOCK_FILE)
    except BadLock as error:
        raise BadStackFile([Fault(fault, "", "") for fault in error.faults]) from None
    return pinned(raw, lock, root, file)


def plain_key_fault(file: str) -> Fault:
    """The value itself is never shown."""
    fix = f"revoke that key, then run `pulumi config set --secret {PROJECT}:{API_KEY}` with a new one"
    return Fault(file, f"{PROJECT}:{API_KEY}", f"is written in plain text; {fix}")
