"""The real engine, as a program beside this one."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import yaml

from stacks.cluster import kubeconfig_path
from stacks.eks_cluster import KUBECONFIG_OUTPUT
from stacks.plan import Plan
from stacks.report.events import EnginePreview, engine_preview, parse_events
from stacks.selected import ROOT
from stacks.settings import PROJECT

OFFLINE = "NIM_PREVIEW_OFFLINE"
"""Read by the sandbox's stand-in for the Kubernetes plugin; the genuine one sees from its kubeconfig."""


def pulumi(verb: str, plan: Plan, *options: str) -> int:
    """Runs it in the foreground: 0, or 1 where it failed."""
    sys.stdout.flush()
    words = ["pulumi", verb, "--stack", plan.stack, *options]
    done = subprocess.run(words, cwd=ROOT, env=environment(plan), check=False)
    return 1 if done.returncode else 0


def environment(plan: Plan) -> dict[str, str]:
    """Of an engine that has a state; without a kubeconfig the Kubernetes plugin asks nobody."""
    reached = plan.looked_up is not None or kubeconfig_path(plan.cluster, ROOT).is_file()
    offline = {} if reached else {OFFLINE: "1"}
    return {**os.environ, **offline}


def unattended(plan: Plan) -> tuple[str, ...]:
    """A sandbox needs no confirmation; of anything else the engine shows the preview and asks."""
    return ("--yes",) if plan.cluster.sandbox is not None or os.environ.get("YES") else ()


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


def has_state(stack: str) -> bool:
    """Whether the stack was ever deployed, as far as somebody is logged in to a backend. Makes no stack.

    Raises ClickException where the backend does not answer.
    """
    if not _logged_in():
        return False
    words = ["pulumi", "stack", "ls", "--json", "--project", PROJECT]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise click.ClickException(done.stderr.strip() or done.stdout.strip())
    return any(one["name"].rpartition("/")[2] == stack for one in json.loads(done.stdout))


def _logged_in() -> bool:
    """As the engine finds its backend: by the environment, by the project, or by what `pulumi login` wrote."""
    if os.environ.get("PULUMI_BACKEND_URL") or os.environ.get("PULUMI_ACCESS_TOKEN"):
        return True
    if yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8")).get("backend"):
        return True
    credentials = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "credentials.json"
    return credentials.is_file() and bool(json.loads(credentials.read_text(encoding="utf-8")).get("current"))


def preview(stack: str, environment: Mapping[str, str], options: Sequence[str] = (), *, quiet: bool) -> EnginePreview:
    """What the engine says in its events; a person sees its own words, too, unless it is `quiet`."""
    sys.stdout.flush()
    with TemporaryDirectory(prefix="nim-events-") as folder:
        log = Path(folder) / "events"
        words = ["pulumi", "preview", "--stack", stack, "--suppress-outputs", "--event-log", str(log), *options]
        done = subprocess.run(
            words,
            cwd=ROOT,
            # The engine has its event log for debugging; what is in it is the event API of Pulumi's service.
            env={**environment, "PULUMI_DEBUG_COMMANDS": "true"},
            check=False,
            capture_output=quiet,
        )
        found = engine_preview(parse_events(log.read_text(encoding="utf-8") if log.is_file() else ""))
    if done.returncode and not found.errors:
        return replace(found, errors=(f"pulumi preview ended with exit code {done.returncode}",))
    return found


def write_kubeconfig(plan: Plan, deployment: dict[str, Any]) -> None:
    """Where the engine looked the cluster up: its kubeconfig, which holds no secret, for what asks the cluster here."""
    text = outputs(deployment).get(KUBECONFIG_OUTPUT)
    if plan.looked_up is not None and plan.cluster.sandbox is None and isinstance(text, str):
        path = kubeconfig_path(plan.cluster, ROOT)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
