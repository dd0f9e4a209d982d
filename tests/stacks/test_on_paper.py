"""On paper nothing leads to a cluster or an account, whatever lies on this machine."""

from pathlib import Path

import pytest

from stacks import on_paper
from stacks.cluster import kubeconfig_path
from stacks.eks import NOWHERE, account
from stacks.settings import Cluster

CLUSTERS = (Cluster(context="models"), Cluster(sandbox="local"), Cluster(context="models", kubeconfig="config"))


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_the_kubeconfig_leads_nowhere(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("contexts: [{name: models}]", encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    assert kubeconfig_path(cluster, tmp_path) != on_paper.NO_CLUSTER
    monkeypatch.setenv(on_paper.FILES, str(tmp_path))
    assert kubeconfig_path(cluster, tmp_path) == on_paper.NO_CLUSTER
    assert not on_paper.NO_CLUSTER.exists()


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_no_account_is_asked(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(on_paper.FILES, str(tmp_path))
    arguments = account(cluster, tmp_path)
    assert {*arguments["endpoints"][0].values()} == {NOWHERE}
    assert arguments["skip_credentials_validation"]


def test_without_paper_the_account_of_a_real_cluster_is_the_users_own(tmp_path: Path) -> None:
    assert account(CLUSTERS[0], tmp_path) == {}
    assert on_paper.files() is None
