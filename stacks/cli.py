"""The commands behind the Makefile: check the files, run the real engine, show what came of it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from stacks import live
from stacks.cluster import context_name, kubeconfig_path
from stacks.cost import cost_of
from stacks.cost_table import amounts, cost_table
from stacks.eks import region
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.preflight import planned, require_cluster
from stacks.selected import ROOT
from stacks.table import endpoints_table

BAD_INPUT = 2
_INSIDE = "NIM_STACKS_SANDBOX"
"""Set to a sandbox's name once this process runs in that sandbox's environment."""

# Without a terminal rich assumes 80 columns, in which the table cannot be read.
console = Console(width=None if sys.stdout.isatty() else 160)


def main() -> NoReturn:
    """Exit codes: 0 done, 1 the engine failed, 2 the stack file is wrong and nothing was touched."""
    try:
        commands(standalone_mode=False)
    except BadStackFile as error:
        print(error, file=sys.stderr)
        sys.exit(BAD_INPUT)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(0)


@click.group()
def commands() -> None:
    """Bring the endpoints of a stack up, preview them, take them down."""


def command(run: Callable[[Plan], int]) -> click.Command:
    @commands.command(name=run.__name__, help=run.__doc__)
    @click.argument("stack")
    def wrapped(stack: str) -> None:
        sys.exit(run(planned(ROOT, stack)))

    return wrapped


@command
def up(plan: Plan) -> int:
    """Deploy the stack and wait until every endpoint answers for itself."""
    _enter_sandbox(plan, start=True)
    require_cluster(plan, ROOT)
    _select(plan)
    code = _pulumi("up", plan, *_unattended(plan, "--skip-preview"), "--suppress-outputs")
    state = _state(plan)
    if code == 0 and state.get("pending_operations"):
        # Left by an engine that was killed. Every name is fixed, so this up has found what that one made.
        code = _pulumi("refresh", plan, "--yes", "--clear-pending-creates", "--suppress-outputs")
    _show(plan, state)
    return code


@command
def preview(plan: Plan) -> int:
    """Say what `up` would do. Needs no cluster."""
    _enter_sandbox(plan, start=False)
    _select(plan)
    code = _pulumi("preview", plan, "--suppress-outputs")
    console.print(cost_table(cost_of(plan), _outputs(_state(plan)).get("cost", {})))
    return code


@command
def down(plan: Plan) -> int:
    """Delete what the stack made, but for what is kept on purpose; that is named."""
    _enter_sandbox(plan, start=False)
    if plan.cluster.sandbox is not None and not _reachable(plan):
        print(f"sandbox {plan.cluster.sandbox} is not running: nothing to delete in it")
        return _stop_sandbox(plan.cluster.sandbox)
    require_cluster(plan, ROOT)
    _select(plan)
    code = _pulumi("destroy", plan, *_unattended(plan), "--exclude-protected")
    _name_what_is_kept(plan)
    if code == 0 and plan.cluster.sandbox is not None:
        return _stop_sandbox(plan.cluster.sandbox)
    return code


@command
def status(plan: Plan) -> int:
    """Show what the cluster says of the stack's endpoints."""
    _enter_sandbox(plan, start=False)
    require_cluster(plan, ROOT)
    return 0 if _show(plan, _state(plan)) else 1


@command
def place(plan: Plan) -> int:
    """Say which nodes would hold all endpoints at the least cost, beside what the pools cost. Changes nothing."""
    from nim_profiles.cli.instance_table import placement_table  # noqa: PLC0415 - with the solver, for this alone
    from nim_profiles.placement import Unplaceable, runner_up_text  # noqa: PLC0415 - likewise
    from stacks.cheapest import cheapest  # noqa: PLC0415 - likewise

    try:
        found = cheapest(plan)
    except Unplaceable as refusal:
        print(refusal, file=sys.stderr)
        return 1
    console.print(placement_table(found))
    dates, pools = ", ".join(found.price_dates) or "none needed", cost_of(plan).usd_per_hour
    (hour, month), more = amounts(found.usd_per_hour), pools - found.usd_per_hour
    console.print(
        f"cheapest: {hour}/h, {month} a month of 730 h on demand (prices: {dates})\n"
        f"the pools of this stack: {amounts(pools)[0]}/h, "
        f"{amounts(abs(more))[0]}/h {'more' if more >= 0 else 'less'}",
        soft_wrap=True,
    )
    console.print(f"next best: {runner_up_text(found)}", soft_wrap=True)
    for note in found.notes:
        console.print(f"note: {note}", soft_wrap=True)
    return 0


def _enter_sandbox(plan: Plan, *, start: bool) -> None:
    """Go on in the environment of the stack's sandbox: its kubeconfig, its state, its programs on PATH."""
    name = plan.cluster.sandbox
    if name is None or os.environ.get(_INSIDE) == name:
        return
    if shutil.which("nim-sandbox") is None:
        raise click.ClickException("this stack runs in a sandbox, and nim-sandbox is not on PATH: run `make tools`")
    sys.stdout.flush()
    with_aws = ("--aws",) if region(plan.pools) else ()
    if start and subprocess.run(["nim-sandbox", "start", name, *with_aws], check=False).returncode:
        raise click.ClickException(f"sandbox {name} did not start")
    os.environ[_INSIDE] = name
    os.execvp("nim-sandbox", ["nim-sandbox", "run", name, "--", sys.executable, "-m", "stacks", *sys.argv[1:]])


def _stop_sandbox(name: str) -> int:
    return subprocess.run(["nim-sandbox", "stop", name], check=False).returncode


def _unattended(plan: Plan, *options: str) -> tuple[str, ...]:
    """A sandbox needs no confirmation; of anything else the engine shows the preview and asks."""
    return ("--yes", *options) if plan.cluster.sandbox is not None or os.environ.get("YES") else ()


def _pulumi(verb: str, plan: Plan, *options: str) -> int:
    sys.stdout.flush()
    environment = dict(os.environ)
    if not kubeconfig_path(plan.cluster, ROOT).is_file():
        environment["NIM_PREVIEW_OFFLINE"] = "1"
    done = subprocess.run(["pulumi", verb, "--stack", plan.stack, *options], cwd=ROOT, env=environment, check=False)
    return 1 if done.returncode else 0


def _select(plan: Plan) -> None:
    words = ["pulumi", "stack", "select", "--create", plan.stack]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(done.stderr.strip() or done.stdout.strip())


def _state(plan: Plan) -> dict[str, Any]:
    """The stack's deployment as the backend holds it; secrets stay encrypted. Empty where there is none."""
    words = ["pulumi", "stack", "export", "--stack", plan.stack]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    return dict(json.loads(done.stdout)["deployment"]) if done.returncode == 0 else {}


def _outputs(state: dict[str, Any]) -> dict[str, Any]:
    """What the stack exports; empty for what was never deployed."""
    resources = state.get("resources", ())
    stack: dict[str, Any] = next((one for one in resources if one["type"] == "pulumi:pulumi:Stack"), {})
    return dict(stack.get("outputs", {}))


def _reachable(plan: Plan) -> bool:
    path = kubeconfig_path(plan.cluster, ROOT)
    try:
        return path.is_file() and live.claims(live.client(path, context_name(plan.cluster)), plan.namespace) is not None
    except live.UNREACHABLE:
        return False


def _show(plan: Plan, state: dict[str, Any]) -> bool:
    """Prints the table and what to do next; whether every replica is ready."""
    path = kubeconfig_path(plan.cluster, ROOT)
    try:
        pods = live.replicas(live.client(path, context_name(plan.cluster)), plan.namespace)
    except live.UNREACHABLE as error:
        console.print(f"the cluster does not answer: {error}")
        return False
    outputs = _outputs(state)
    console.print(endpoints_table(plan, outputs.get("endpoints", {}), pods))
    console.print(cost_table(cost_of(plan), outputs.get("cost", {})))
    shown = _relative(path)
    console.print(f"Next:  kubectl --kubeconfig {shown} -n {plan.namespace} get pods -o wide", soft_wrap=True)
    for verb, why in (("preview", "what a change to the stack file would do"), ("down", "delete it again")):
        console.print(f"       make {verb} STACK={plan.stack}  # {why}", soft_wrap=True)
    return all(
        sum(replica.ready for replica in pods.get(endpoint.name, ())) >= endpoint.replicas
        for endpoint in plan.endpoints
    )


def _name_what_is_kept(plan: Plan) -> None:
    try:
        api = live.client(kubeconfig_path(plan.cluster, ROOT), context_name(plan.cluster))
        kept = live.claims(api, plan.namespace)
    except live.UNREACHABLE:
        return
    if kept:
        print(f"Kept on purpose: namespace {plan.namespace} with the model caches {', '.join(kept)}.")
        if plan.cluster.sandbox is None:
            print(f"Delete them for good with: kubectl delete namespace {plan.namespace}")
        else:
            print("They go with the sandbox.")


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
