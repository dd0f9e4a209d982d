"""`make up`."""

from typing import Any

import click

from stacks import live
from stacks.cli import engine, sandbox
from stacks.cli.answers import show_answers
from stacks.cli.rules import obeyed
from stacks.cli.status import explain, show
from stacks.cluster import context_name, kubeconfig_path
from stacks.faults import BadStackFile, Fault
from stacks.leaving import leaving_caches
from stacks.plan import Plan
from stacks.preflight import planned, require_cluster
from stacks.selected import ROOT
from stacks.stack_file import stack_file_name
from stacks.strangers import unknown

POLICY_PACK = "policy"
"""Folder of the rules (docs/policy.md)."""


@click.command()
@click.argument("stack")
def command(stack: str) -> int:
    """Deploy the stack, unless it breaks a mandatory rule, and wait until every endpoint answers for itself."""
    sandbox.build_images(ROOT, stack)
    plan = planned(ROOT, stack)
    sandbox.enter(plan, start=True)
    require_cluster(plan, ROOT)
    engine.select(plan)
    before = engine.state(plan)
    faults = [*leaving_caches(plan, before)] if plan.protect_caches else []
    if faults := [*faults, *_strangers(plan, before)]:
        raise BadStackFile(faults)
    # The engine judges in the preview that it shows before it asks; a sandbox is not asked, and there we are quicker.
    if plan.cluster.sandbox is not None and not obeyed(plan):
        return 1
    judged = ("--skip-preview",) if plan.cluster.sandbox is not None else ("--policy-pack", POLICY_PACK)
    code = engine.pulumi("up", plan, *engine.unattended(plan), *judged, "--suppress-outputs")
    state = engine.state(plan)
    if code == 0 and state.get("pending_operations"):
        # Left by an engine that was killed. Every name is fixed, so this up has found what that one made.
        code = engine.pulumi("refresh", plan, "--yes", "--clear-pending-creates", "--suppress-outputs")
    show(plan, state, before)
    if code:
        explain(plan)
    if code == 0 and plan.cluster.real_node and plan.cluster.sandbox is not None:
        return 0 if show_answers(plan, plan.cluster.sandbox) else 1
    return code


def _strangers(plan: Plan, state: dict[str, Any]) -> list[Fault]:
    """None where the cluster does not answer: before the first up of one that the engine looks up, nothing here can
    ask it, and of another one the engine says why.
    """
    file = stack_file_name(plan.stack)
    try:
        with live.plain_client(kubeconfig_path(plan.cluster, ROOT), context_name(plan.cluster)) as http:
            return [one.taken(file) for one in unknown(plan, state) if http.get(one.path).is_success]
    except live.UNREACHABLE:
        return []
