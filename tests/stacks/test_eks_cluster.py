import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.output import Unknown

from nim_profiles.lock import Lock
from stacks.cli import engine
from stacks.cluster import cluster_faults, context_name, kubeconfig_path
from stacks.deploy import deploy
from stacks.eks_cluster import credentials_at_hand, kubeconfig_text
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.planning import make_plan
from tests.recording import Recording, record
from tests.stacks.samples import FILE, LOCK, raw

TOKEN = "aws:eks/getCluster:getCluster"
ANSWER = {
    "id": "nim",
    "name": "nim",
    "endpoint": "https://ABC.gr7.us-east-1.eks.amazonaws.com",
    "certificateAuthorities": [{"data": "Q0E="}],
}
KUBERNETES = "pulumi:providers:kubernetes"


def content(**changes: Any) -> dict[str, Any]:
    return {
        **raw(),
        "cluster": {"eks": True},
        "eks": {"cluster": "nim", "region": "us-east-1"},
        "pools": {"l40s": {"back_end": "existing", "gpu": "NVIDIA-L40S"}},
        **changes,
    }


def plan(wanted: dict[str, Any], lock: Lock = LOCK) -> Plan:
    return make_plan(wanted, lock, Path(), stack="test", file=FILE)


def deployed(wanted: dict[str, Any], *, preview: bool = False) -> Recording:
    return record(lambda: deploy(plan(wanted)), {TOKEN: ANSWER}, preview=preview)


def faults(wanted: dict[str, Any]) -> list[str]:
    with pytest.raises(BadStackFile) as refused:
        plan(wanted)
    return str(refused.value).splitlines()


@pytest.fixture
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing says who we are in AWS."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_the_cluster_is_reached_at_the_endpoint_and_by_the_authority_that_aws_names() -> None:
    made = deployed(content())
    kubeconfig = json.loads(made.one(KUBERNETES).inputs["kubeconfig"])
    assert kubeconfig["clusters"] == [
        {"name": "nim", "cluster": {"server": ANSWER["endpoint"], "certificate-authority-data": "Q0E="}}
    ]
    assert made.one(KUBERNETES).inputs["context"] == kubeconfig["current-context"] == "nim"


def test_tokens_come_from_the_aws_command_and_none_is_kept() -> None:
    (user,) = json.loads(kubeconfig_text("nim", "us-east-1", "https://e", "Q0E="))["users"]
    assert user["user"].keys() == {"exec"}
    assert user["user"]["exec"]["command"] == "aws"
    words = "--region us-east-1 eks get-token --cluster-name nim --output json"
    assert " ".join(user["user"]["exec"]["args"]) == words


def test_what_was_exported_is_written_for_the_commands_that_ask_the_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ROOT", tmp_path)
    stack = {"type": "pulumi:pulumi:Stack", "outputs": {"kubeconfig": "text"}}
    engine.write_kubeconfig(plan(content()), {"resources": []})
    assert not (tmp_path / ".kube").exists()
    engine.write_kubeconfig(plan(content()), {"resources": [stack]})
    assert (tmp_path / ".kube/test").read_text(encoding="utf-8") == "text"


@pytest.mark.usefixtures("_nobody")
def test_a_preview_without_credentials_looks_nothing_up_and_contacts_no_cluster() -> None:
    made = record(lambda: deploy(plan(content())), preview=True)
    assert isinstance(made.one(KUBERNETES).inputs["kubeconfig"], Unknown)
    assert made.one("pulumi:providers:aws").inputs["skipCredentialsValidation"] in (True, "true")


@pytest.mark.usefixtures("_nobody")
def test_an_up_always_looks_it_up_whatever_this_machine_knows() -> None:
    assert "server" in deployed(content()).one(KUBERNETES).inputs["kubeconfig"]


@pytest.mark.parametrize("sign", ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"])
def test_a_variable_of_the_sdks_is_a_sign_of_credentials(sign: str, tmp_path: Path) -> None:
    assert credentials_at_hand({sign: "x"}, tmp_path)
    assert not credentials_at_hand({}, tmp_path)


def test_the_sdks_files_are_signs_of_credentials(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").touch()
    assert credentials_at_hand({}, tmp_path)


def test_without_a_lookup_aws_is_not_asked() -> None:
    wanted = content(cluster={"context": "mine"})
    made = record(lambda: deploy(plan(wanted)))
    assert made.of("pulumi:providers:aws") == []


def test_no_kubeconfig_is_asked_for(tmp_path: Path) -> None:
    cluster = plan(content()).cluster
    assert [*cluster_faults(cluster, tmp_path, FILE, offline=False)] == []
    assert kubeconfig_path(cluster, tmp_path) == tmp_path / ".kube/test"
    assert context_name(cluster) == "nim"


def test_a_cluster_is_named_in_one_way() -> None:
    two = content(cluster={"eks": True, "context": "mine"})
    assert faults(two) == [f"{FILE}: nim:cluster: names none or several of sandbox, context and eks; name one of them"]


def test_a_cluster_that_is_to_be_looked_up_has_a_name() -> None:
    nameless = content()
    del nameless["eks"]
    assert faults(nameless) == [
        f"{FILE}: nim:eks: is missing, and the cluster is to be looked up; add cluster and region"
    ]
