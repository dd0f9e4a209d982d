"""The sandbox of a stack, as a program beside this one: nothing here imports it."""

import os
import shutil
import subprocess
import sys

import click

from stacks.eks import region
from stacks.karpenter import uses_karpenter
from stacks.plan import Plan

_INSIDE = "NIM_STACKS_SANDBOX"
"""Set to a sandbox's name once this process runs in that sandbox's environment."""


def enter(plan: Plan, *, start: bool) -> None:
    """Go on in the environment of the stack's sandbox: its kubeconfig, its state, its programs on PATH."""
    name = plan.cluster.sandbox
    if name is None or os.environ.get(_INSIDE) == name:
        return
    if shutil.which("nim-sandbox") is None:
        raise click.ClickException("this stack runs in a sandbox, and nim-sandbox is not on PATH: run `make tools`")
    sys.stdout.flush()
    if start and subprocess.run(["nim-sandbox", "start", name, *_extras(plan)], check=False).returncode:
        raise click.ClickException(f"sandbox {name} did not start")
    os.environ[_INSIDE] = name
    os.execvp("nim-sandbox", ["nim-sandbox", "run", name, "--", sys.executable, "-m", "stacks", *sys.argv[1:]])


def _extras(plan: Plan) -> tuple[str, ...]:
    """Flags of `nim-sandbox start`: what the stack's sandbox has beyond the control plane."""
    wanted = {
        "--aws": region(plan.pools) is not None,
        "--karpenter": uses_karpenter(plan.pools),
        "--lws": any(endpoint.group is not None for endpoint in plan.endpoints),
    }
    return tuple(flag for flag, needed in wanted.items() if needed)


def stop(name: str) -> int:
    return subprocess.run(["nim-sandbox", "stop", name], check=False).returncode
