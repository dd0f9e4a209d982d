"""The sandbox of a stack, as a program beside this one: nothing here imports it."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click

from stacks.cluster import kubeconfig_path
from stacks.eks import region
from stacks.karpenter import uses_karpenter
from stacks.plan import Plan
from stacks.sandbox_images import made_here, own_images
from stacks.selected import ROOT
from stacks.stack_file import read_raw


def exists(plan: Plan) -> bool:
    """Whether it was started and not taken down since."""
    return plan.cluster.sandbox is not None and kubeconfig_path(plan.cluster, ROOT).is_file()


def build_images(root: Path, stack: str) -> None:
    """Those that this machine makes itself, before the stack is planned: only then their digests are known."""
    _images(root, stack)


def describe_images(root: Path, stack: str) -> None:
    """What they offer, for a preview: nothing is built, and a digest that is not known yet has a stand-in."""
    _images(root, stack, "--describe")


def _images(root: Path, stack: str, *options: str) -> None:
    wanted = {image for _, image in own_images(read_raw(root, stack))}
    if not wanted:
        return
    if shutil.which("nim-sandbox") is None:
        raise click.ClickException(
            "this stack's images are made here, and nim-sandbox is not on PATH: run `make tools`"
        )
    if subprocess.run(["nim-sandbox", "images", *options, *sorted(wanted)], cwd=root, check=False).returncode:
        raise click.ClickException("the images of this stack could not be made")


def enter(plan: Plan, *, start: bool) -> None:
    """Take over the environment of the stack's sandbox: its kubeconfig, its state, its programs on PATH."""
    name = plan.cluster.sandbox
    if name is None:
        return
    if shutil.which("nim-sandbox") is None:
        raise click.ClickException("this stack runs in a sandbox, and nim-sandbox is not on PATH: run `make tools`")
    sys.stdout.flush()
    if start and subprocess.run(["nim-sandbox", "start", name, *_extras(plan)], check=False).returncode:
        raise click.ClickException(f"sandbox {name} did not start")
    done = subprocess.run(["nim-sandbox", "env", name], check=False, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(done.stderr.strip())
    for _export, assignment in map(shlex.split, done.stdout.splitlines()):
        key, _, value = assignment.partition("=")
        os.environ[key] = value
    if start and plan.cluster.real_node:
        _load_images(plan, name)


def _load_images(plan: Plan, name: str) -> None:
    """No registry has them."""
    own = made_here(endpoint.image for endpoint in plan.endpoints)
    if own and subprocess.run(["nim-sandbox", "load", name, *own], check=False).returncode:
        raise click.ClickException(f"the images of this stack could not be put into sandbox {name}")


def _extras(plan: Plan) -> tuple[str, ...]:
    """Flags of `nim-sandbox start`: what the stack's sandbox has beyond the control plane."""
    wanted = {
        "--aws": plan.looked_up is not None or region(plan.pools) is not None,
        "--karpenter": uses_karpenter(plan.pools),
        "--lws": any(endpoint.group is not None for endpoint in plan.endpoints),
        "--node": plan.cluster.real_node,
    }
    return tuple(flag for flag, needed in wanted.items() if needed)


def stop(name: str) -> int:
    return subprocess.run(["nim-sandbox", "stop", name], check=False).returncode
