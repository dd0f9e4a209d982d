from pathlib import Path

import pytest
import yaml

from nim_sandbox.kubernetes_plugin.kubeconfig import BadKubeconfig, target
from nim_sandbox.kubernetes_plugin.settings import Settings, read_settings
from nim_sandbox.stand_in import UnsupportedArgument
from nim_sandbox.values import Value

TOKEN = "token-of-nobody"


def document(**cluster: Value) -> dict[str, Value]:
    return {
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", **cluster}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [
            {"name": "one", "context": {"cluster": "c", "user": "u", "namespace": "team"}},
            {"name": "lost", "context": {"cluster": "c", "user": "nobody"}},
        ],
        "current-context": "one",
    }


def settings(kubeconfig: str, **arguments: Value) -> Settings:
    return read_settings({"kubeconfig": kubeconfig, **arguments})


def refusal(kubeconfig: str, **arguments: Value) -> str:
    with pytest.raises(BadKubeconfig) as refused:
        target(settings(kubeconfig, **arguments))
    assert TOKEN not in str(refused.value)
    return str(refused.value)


def test_text_and_path_mean_the_same(tmp_path: Path) -> None:
    text = yaml.safe_dump(document())
    path = tmp_path / "config"
    path.write_text(text)
    for given in (text, str(path)):
        config = target(settings(given))
        assert (config.cluster.server, config.namespace) == ("https://127.0.0.1:1", "team")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(str(tmp_path / "none")).startswith(f"kubeconfig {tmp_path / 'none'} does not exist.")


def test_a_context_that_is_not_in_it_is_named_with_those_that_are() -> None:
    text = yaml.safe_dump(document())
    expected = "the provider's kubeconfig: context 'two' is not in it (it has: lost, one). Name one of these."
    assert refusal(text, context="two") == expected


def test_a_user_that_is_not_in_it_is_named() -> None:
    assert "context 'lost' wants 'nobody', users has only: u" in refusal(yaml.safe_dump(document()), context="lost")


def test_a_server_that_is_not_to_be_checked_is_refused() -> None:
    assert "insecure-skip-tls-verify" in refusal(yaml.safe_dump(document(**{"insecure-skip-tls-verify": True})))


@pytest.mark.parametrize("broken", [f"token: {TOKEN}: x\n", f"- {TOKEN}\n- b\n", f"users: [{TOKEN}]\nclusters: 1\n"])
def test_a_broken_file_is_refused_without_being_quoted(broken: str) -> None:
    assert refusal(broken)


def test_arguments_that_cannot_be_honoured_are_refused() -> None:
    with pytest.raises(UnsupportedArgument, match="enableServerSideApply"):
        read_settings({"enableServerSideApply": "false"})
    with pytest.raises(UnsupportedArgument, match="renderYamlToDirectory"):
        read_settings({"renderYamlToDirectory": "out"})


def test_a_preview_contacts_no_server_without_a_kubeconfig_or_when_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIM_PREVIEW_OFFLINE", raising=False)
    assert read_settings({}).offline_preview
    assert not settings("/a").offline_preview
    monkeypatch.setenv("NIM_PREVIEW_OFFLINE", "1")
    assert settings("/a").offline_preview
