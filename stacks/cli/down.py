"""`make down`."""

import click

from stacks import live
from stacks.cli import engine, sandbox
from stacks.cluster import context_name, kubeconfig_path
from stacks.plan import Plan
from stacks.preflight import planned, require_cluster
from stacks.selected import ROOT


@click.command()
@click.argument("stack")
def command(stack: str) -> int:
    """Delete what the stack made, but for what is kept on purpose; that is named."""
    plan = planned(ROOT, stack)
    sandbox.enter(plan, start=False)
    if plan.cluster.sandbox is not None and not _reachable(plan):
        print(f"sandbox {plan.cluster.sandbox} is not running: nothing to delete in it")
        return sandbox.stop(plan.cluster.sandbox)
    require_cluster(plan, ROOT)
    engine.select(plan)
    engine.write_kubeconfig(plan, engine.state(plan))
    code = engine.pulumi("destroy", plan, *engine.unattended(plan), "--exclude-protected")
    _name_what_is_kept(plan)
    if code == 0 and plan.cluster.sandbox is not None:
        return sandbox.stop(plan.cluster.sandbox)
    return code


def _claims(plan: Plan) -> tuple[str, ...]:
    return live.claims(live.client(kubeconfig_path(plan.cluster, ROOT), context_name(plan.cluster)), plan.namespace)


def _reachable(plan: Plan) -> bool:
    try:
        return kubeconfig_path(plan.cluster, ROOT).is_file() and _claims(plan) is not None
    except live.UNREACHABLE:
        return False


def _name_what_is_kept(plan: Plan) -> None:
    try:
        kept = _claims(plan)
    except live.UNREACHABLE:
        return
    if kept:
        print(f"Kept on purpose: namespace {plan.namespace} with the model caches {', '.join(kept)}.")
        if plan.cluster.sandbox is None:
            print(f"Delete them for good with: kubectl delete namespace {plan.namespace}")
        else:
            print("They go with the sandbox.")
