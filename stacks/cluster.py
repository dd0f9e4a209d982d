"""Where the cluster of a stack is: its kubeconfig and context. Reads no cluster."""

import os
from collections.abc import Iterator
from pathlib import Path

import yaml

from stacks import on_paper
from stacks.faults import Fault
from stacks.settings import PROJECT, Cluster, Eks

SANDBOX_CONTEXT = "nim-sandbox"
"""The one context of a sandbox's kubeconfig."""


def sandbox_folder(root: Path, name: str) -> Path:
    return Path(os.environ.get("NIM_SANDBOX_HOME", root / ".sandbox")) / name


def kubeconfig_path(cluster: Cluster, root: Path) -> Path:
    """Relative paths are relative to the project. $KUBECONFIG counts only where the stack file names no file."""
    if on_paper.files() is not None:
        return on_paper.NO_CLUSTER
    if cluster.sandbox is not None:
        return sandbox_folder(root, cluster.sandbox) / "kubeconfig"
    if cluster.kubeconfig is not None:
        return root / Path(cluster.kubeconfig).expanduser()
    first = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    return Path(first or "~/.kube/config").expanduser()


def reached(cluster: Cluster, eks: Eks | None, stack: str) -> Cluster:
    """With kubeconfig and context filled in where the cluster is looked up: its kubeconfig is kept, one for each stack.

    The commands behind the Makefile write it from what the stack exports; the engine does without it. A sandbox has its
    own, though the engine looks up that of its simulated account.
    """
    if not cluster.eks or eks is None or cluster.sandbox is not None:
        return cluster
    return cluster.model_copy(update={"kubeconfig": f".kube/{stack}", "context": eks.cluster})


def context_name(cluster: Cluster) -> str:
    return cluster.context or SANDBOX_CONTEXT


def cluster_faults(cluster: Cluster, root: Path, file: str, *, offline: bool) -> Iterator[Fault]:
    """What keeps us from reaching the cluster. `offline`: a preview, which does without any kubeconfig.

    A cluster that the engine looks up needs none at all.
    """
    if cluster.eks and cluster.sandbox is None:
        return
    path = kubeconfig_path(cluster, root)
    key = f"{PROJECT}:cluster"
    if not path.is_file():
        if offline:
            return
        fix = f"run `make up STACK={cluster.sandbox}`" if cluster.sandbox else "write the path of an existing one"
        yield Fault(file, f"{key}.kubeconfig", f"found {path}, which does not exist; {fix}")
        return
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        contexts = sorted(str(context["name"]) for context in content["contexts"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError):
        yield Fault(file, f"{key}.kubeconfig", f"found {path}, which is not a kubeconfig; name another file")
        return
    if context_name(cluster) not in contexts:
        known = ", ".join(contexts) or "none"
        yield Fault(file, f"{key}.context", f"found {context_name(cluster)!r}; contexts in {path}: {known}")
