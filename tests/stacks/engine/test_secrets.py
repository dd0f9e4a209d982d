"""The API key stays where it belongs: in the config, encrypted, and in two Secrets of the cluster."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stacks.engine.conftest import STACK, Project

pytestmark = pytest.mark.engine

KEY = "nvapi-Zq7-made-up-for-this-test-XkP"
SPELLINGS = (KEY, base64.b64encode(KEY.encode()).decode(), base64.b64encode(f"$oauthtoken:{KEY}".encode()).decode())
CLUSTERS_OWN = "etcd"
"""The API server's own store: a Secret lives there, and that is what a Secret is."""


@pytest.fixture
def keyed(project: Project) -> Project:
    project.edit(lambda config: config.update({"nim:needs_ngc_key": True}))
    assert project.run("nim-sandbox", "start", STACK).code == 0
    for words in (("stack", "select", "--create"), ("config", "set", "--secret", "nim:ngcApiKey", KEY)):
        done = project.pulumi(*words)
        assert done.code == 0, done.output
    return project


def files_with_the_key(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and CLUSTERS_OWN not in path.relative_to(folder).parts:
            content = path.read_bytes()
            if any(spelling.encode() in content for spelling in SPELLINGS):
                yield path


def assert_hidden(project: Project, *outputs: str) -> None:
    assert list(files_with_the_key(project.root)) == []
    assert not [output for output in outputs if any(spelling in output for spelling in SPELLINGS)]


def test_the_key_is_found_by_this_very_search_where_it_is_plain(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text(f"x{KEY}x", encoding="utf-8")
    (tmp_path / "encoded").write_text(SPELLINGS[1], encoding="utf-8")
    assert sorted(path.name for path in files_with_the_key(tmp_path)) == ["encoded", "plain"]


def test_an_up_a_failed_up_and_a_preview_hide_the_key(keyed: Project) -> None:
    # Not --logtostderr: the engine's own tracing writes every property in plain text, whoever's program it runs.
    log = ("--event-log", str(keyed.root / "events.json"), "--debug")
    up = keyed.pulumi("up", "--yes", "--skip-preview", *log)
    assert up.code == 0, up.output
    assert (keyed.root / "events.json").stat().st_size > 0
    assert_hidden(keyed, up.output)

    secrets = keyed.kubectl("get", "secrets", "--output", "jsonpath={.items[*].data}").output
    assert SPELLINGS[1] in secrets, "the cluster's Secret must hold the key"
    pods = keyed.kubectl("get", "deployments,pods", "--output", "yaml").output
    assert "secretKeyRef" in pods
    assert_hidden(keyed, pods)

    fail = {"pod_annotations": {"sandbox.nim/fail": "out-of-memory"}}
    keyed.edit(lambda config: config["nim:endpoints"]["two"].update(fail))
    failed = keyed.pulumi("up", "--yes", "--skip-preview", *log)
    assert failed.code != 0
    assert_hidden(keyed, failed.output)

    preview = keyed.pulumi("preview", "--diff", *log)
    assert preview.code == 0, preview.output
    assert_hidden(keyed, preview.output)

    exported = keyed.pulumi("stack", "export")
    assert exported.code == 0
    assert_hidden(keyed, exported.output)


def test_a_key_in_plain_text_is_refused_without_being_repeated(project: Project) -> None:
    project.edit(lambda config: config.update({"nim:ngcApiKey": KEY}))
    refused = project.stacks("up")
    project.edit(lambda config: config.pop("nim:ngcApiKey"))
    assert refused.code == 2
    assert "nim:ngcApiKey: is written in plain text; revoke that key" in refused.output
    assert_hidden(project, refused.output)
