"""How `make up` ends where containers are real: every endpoint is asked, by whoever sits at this machine."""

import subprocess
from collections.abc import Mapping

import click

from stacks import live
from stacks.answering import NoAnswer, ask
from stacks.cli.console import console
from stacks.cluster import context_name, kubeconfig_path
from stacks.plan import EndpointPlan, Plan
from stacks.seen import Row, rows, seen_table
from stacks.selected import ROOT


def show_answers(plan: Plan, sandbox: str) -> bool:
    """Prints what each endpoint answers, and what was predicted of it; whether all answer with their pinned profile."""
    api = live.client(kubeconfig_path(plan.cluster, ROOT), context_name(plan.cluster))
    answered = True
    found: dict[str, tuple[Row, ...]] = {}
    for endpoint in plan.endpoints:
        address = _let_through(plan, endpoint, sandbox)
        length = None
        try:
            answer = ask(address, endpoint.profile.id)
        except NoAnswer as why:
            console.print(f"{endpoint.name} {why}", style="red", soft_wrap=True)
            answered = False
        else:
            length = answer.longest_context_tokens
            console.print(f"{endpoint.name} serves profile {answer.profile_id}:", soft_wrap=True)
            console.print(f"$ {answer.curl}", soft_wrap=True, markup=False, highlight=False)
            console.print(repr(answer.said), soft_wrap=True, markup=False)
        pod = live.serving(api, plan.namespace, endpoint.name)
        if pod is not None:
            found[endpoint.name] = tuple(rows(endpoint, pod, length, _cached(plan, endpoint, sandbox)))
    console.print(seen_table(found))
    console.print(f"The addresses are this machine's alone; they end with: make down STACK={plan.stack}")
    return answered


def _let_through(plan: Plan, endpoint: EndpointPlan, sandbox: str) -> str:
    return _sandbox("forward", sandbox, f"{plan.namespace}/{endpoint.name}").strip()


def _cached(plan: Plan, endpoint: EndpointPlan, sandbox: str) -> Mapping[str, int]:
    """Bytes by path in the endpoint's cache."""
    told = _sandbox("files", sandbox, f"{plan.namespace}/{endpoint.claim_name}")
    sizes = (line.partition(" ") for line in told.splitlines())
    return {path: int(size) for size, _, path in sizes}


def _sandbox(*words: str) -> str:
    """What `nim-sandbox` prints."""
    done = subprocess.run(["nim-sandbox", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(done.stderr.strip())
    return done.stdout
