"""A cluster that is known by its name, with the real engine: looked up in a simulated account, entered with a token."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stacks.engine.conftest import FP8, LLAMA, Project, checked_out
from tests.stacks.engine.test_lifecycle import changes

pytestmark = pytest.mark.engine
STACK = "by-name"
CONTENT: dict[str, Any] = {
    "nim:cluster": {"sandbox": STACK, "eks": True},
    "nim:eks": {"cluster": "nim", "region": "us-east-1"},
    "nim:needs_ngc_key": False,
    "nim:caches": {"protect": False},
    "nim:pools": {"l40s": {"back_end": "simulated", "instance_type": "g6e.xlarge"}},
    "nim:endpoints": {"one": {"image": LLAMA, "profile": FP8, "pool": "l40s"}},
}


def make_aws_command(project: Project, folder: Path) -> None:
    """Notes how it was called, and answers with a token of an account of the cluster's: what `aws` itself would do."""
    kubectl = ("nim-sandbox", "run", STACK, "--", "kubectl", "--namespace", "kube-system")
    assert project.run(*kubectl, "create", "serviceaccount", "engine").code == 0
    binding = ("create", "clusterrolebinding", "engine", "--clusterrole=cluster-admin")
    assert project.run(*kubectl, *binding, "--serviceaccount=kube-system:engine").code == 0
    token = project.run(*kubectl, "create", "token", "engine").output.strip()
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "status": {"token": token},
    }
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    command = folder / "aws"
    command.write_text(f'#!/bin/sh\necho "$@" >>{folder}/calls\ncat {folder}/answer.json\n', encoding="utf-8")
    command.chmod(0o700)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("aws-command")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Project]:
    """Up once, with the command on PATH; the tests are steps of one life, in their order."""
    with checked_out(tmp_path_factory, STACK) as project, pytest.MonkeyPatch.context() as patch:
        started = project.run("nim-sandbox", "start", STACK, "--aws")
        assert started.code == 0, started.output
        make_aws_command(project, folder)
        patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        salt = "v1:Co71Z1prQWo=:v1:x/OMHhP/Xx5y+c4k:PmWP7LEGuL+mttPnrN/2GjlZRdSm7w=="
        project.stack_file.write_text(yaml.safe_dump({"encryptionsalt": salt, "config": CONTENT}), encoding="utf-8")
        done = project.stacks("up")
        assert done.code == 0, done.output
        yield project


def test_the_engine_enters_the_cluster_that_was_looked_up_with_a_token(project: Project, folder: Path) -> None:
    words = "--region us-east-1 eks get-token --cluster-name nim --output json"
    assert set((folder / "calls").read_text(encoding="utf-8").splitlines()) == {words}
    assert "deployment.apps/one" in project.objects("deployments")


def test_no_token_lies_in_the_state_or_in_what_is_exported(project: Project, folder: Path) -> None:
    token = json.loads((folder / "answer.json").read_text(encoding="utf-8"))["status"]["token"]
    state = project.pulumi("stack", "export").output
    assert token not in state
    outputs = json.loads(project.pulumi("stack", "output", "--json").output)
    server = json.loads((project.sandbox / "kubeconfig").read_text(encoding="utf-8"))["clusters"][0]["cluster"]
    assert json.loads(outputs["kubeconfig"])["clusters"][0]["cluster"] == server


def test_up_again_changes_nothing(project: Project) -> None:
    done = project.stacks("up")
    assert done.code == 0, done.output
    assert set(changes(done.output)) == {"unchanged"}


def test_what_was_made_goes_again(project: Project) -> None:
    done = project.pulumi("destroy", "--yes")
    assert done.code == 0, done.output
    assert project.objects("deployments") == []
