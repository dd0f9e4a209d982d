"""The real engine, as a program beside this one."""

import json
import os
import subprocess
import sys
from typing import Any

import click

from stacks.cluster import kubeconfig_path
from stacks.plan import Plan
from stacks.selected import ROOT


def pulumi(verb: str, plan: Plan, *options: str) -> int:
    """Runs it in the foreground: 0, or 1 where it failed."""
    sys.stdout.flush()
    environment = dict(os.environ)
    if not kubeconfig_path(plan.cluster, ROOT).is_file():
        environment["NIM_PREVIEW_OFFLINE"] = "1"
    done = subprocess.run(["pulumi", verb, "--stack", plan.stack, *options], cwd=ROOT, env=environment, check=False)
    return 1 if done.returncode else 0


def unattended(plan: Plan, *options: str) -> tuple[str, ...]:
    """A sandbox needs no confirmation; of anything else the engine shows the preview and asks."""
    return ("--yes", *options) if plan.cluster.sandbox is not None or os.environ.get("YES") else ()


def quietly(*words: str) -> str:
    """What it prints. Raises ClickException with its words where it fails."""
    done = subprocess.run(["pulumi", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(done.stderr.strip() or done.stdout.strip())
    return done.stdout


def select(plan: Plan) -> None:
    """The stack in its backend, made where it is new."""
    quietly("stack", "select", "--create", plan.stack)


def state(plan: Plan) -> dict[str, Any]:
    """The stack's deployment as the backend holds it; secrets stay encrypted. Empty where there is none."""
    words = ["pulumi", "stack", "export", "--stack", plan.stack]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    return dict(json.loads(done.stdout)["deployment"]) if done.returncode == 0 else {}


def outputs(deployment: dict[str, Any]) -> dict[str, Any]:
    """What the stack exports; empty for what was never deployed."""
    resources = deployment.get("resources", ())
    stack: dict[str, Any] = next((one for one in resources if one["type"] == "pulumi:pulumi:Stack"), {})
    return dict(stack.get("outputs", {}))
