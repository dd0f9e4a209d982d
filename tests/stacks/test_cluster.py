from pathlib import Path

import pytest

from stacks.cluster import cluster_faults, kubeconfig_path
from stacks.settings import Cluster

FILE = "stacks/Pulumi.dev.yaml"
KUBECONFIG = "contexts: [{name: a}, {name: b}]\n"


def faults(cluster: Cluster, root: Path, *, offline: bool = False) -> list[str]:
    return [str(fault) for fault in cluster_faults(cluster, root, FILE, offline=offline)]


def test_a_sandbox_keeps_its_kubeconfig_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIM_SANDBOX_HOME", raising=False)
    assert kubeconfig_path(Cluster(sandbox="local"), tmp_path) == tmp_path / ".sandbox/local/kubeconfig"


def test_the_environment_counts_only_where_the_file_names_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/elsewhere/config:/another")
    assert kubeconfig_path(Cluster(context="a"), tmp_path) == Path("/elsewhere/config")
    assert kubeconfig_path(Cluster(context="a", kubeconfig="mine"), tmp_path) == tmp_path / "mine"


def test_a_kubeconfig_that_does_not_exist_is_named(tmp_path: Path) -> None:
    (line,) = faults(Cluster(context="a", kubeconfig="none"), tmp_path)
    assert line == (
        f"{FILE}: nim:cluster.kubeconfig: found {tmp_path}/none, which does not exist; "
        "write the path of an existing one"
    )


def test_a_preview_does_without_a_kubeconfig(tmp_path: Path) -> None:
    assert faults(Cluster(context="a", kubeconfig="none"), tmp_path, offline=True) == []


@pytest.mark.parametrize("offline", [True, False])
def test_a_context_that_is_not_there_names_those_that_are(tmp_path: Path, *, offline: bool) -> None:
    (tmp_path / "config").write_text(KUBECONFIG, encoding="utf-8")
    (line,) = faults(Cluster(context="c", kubeconfig="config"), tmp_path, offline=offline)
    assert line == f"{FILE}: nim:cluster.context: found 'c'; contexts in {tmp_path}/config: a, b"


def test_a_context_that_is_there_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(KUBECONFIG, encoding="utf-8")
    assert faults(Cluster(context="b", kubeconfig="config"), tmp_path) == []


@pytest.mark.parametrize("text", ["[]", "contexts: 3", "contexts: [{}]", "{", "\x00"])
def test_something_else_than_a_kubeconfig_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text, encoding="utf-8")
    (line,) = faults(Cluster(context="a", kubeconfig="config"), tmp_path)
    assert "which is not a kubeconfig; name another file" in line
