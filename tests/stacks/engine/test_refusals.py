"""Bad input ends before anything exists: one line a fault, no traceback, exit code 2."""

import pytest

from tests.stacks.engine.conftest import STACK, Project

pytestmark = pytest.mark.engine


def test_faults_of_a_stack_file_end_make_up_before_a_sandbox_starts(project: Project) -> None:
    project.edit(lambda config: config["nim:endpoints"]["one"].update(replicas=0, replica=1, profile="x"))
    refused = project.stacks("up")
    assert refused.code == 2
    lines = refused.output.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"stacks/Pulumi.{STACK}.yaml: nim:endpoints.one.") for line in lines)
    assert not project.sandbox.exists()


def test_a_missing_stack_file_is_named(project: Project) -> None:
    refused = project.run("python", "-m", "stacks", "up", "nope")
    assert refused.code == 2
    assert refused.output.startswith("stacks/Pulumi.nope.yaml: does not exist; stacks here: dev, eks-sandbox, ")


def test_bare_pulumi_prints_the_same_lines_and_no_traceback(project: Project) -> None:
    assert project.pulumi("stack", "select", "--create").code == 0
    project.edit(lambda config: config["nim:endpoints"]["one"].update(replicas=0, replica=1))
    refused = project.pulumi("preview")
    assert refused.code != 0
    assert "nim:endpoints.one.replicas: found 0; write a whole number of at least 1" in refused.output
    assert "nim:endpoints.one.replica: is not a key here, nearest: replicas" in refused.output
    assert "Traceback" not in refused.output


def test_a_kubeconfig_that_is_not_there_stops_an_up_and_not_a_preview(project: Project) -> None:
    elsewhere = {"context": "prod", "kubeconfig": "no/such/file"}
    project.edit(lambda config: config.update({"nim:cluster": elsewhere}))
    refused = project.stacks("up")
    assert refused.code == 2
    assert "nim:cluster.kubeconfig: found" in refused.output
    assert "which does not exist; write the path of an existing one" in refused.output
    preview = project.pulumi("preview")
    assert preview.code == 0, preview.output


def test_a_context_that_is_not_in_the_kubeconfig_stops_both(project: Project) -> None:
    (project.root / "config").write_text("contexts: [{name: dev}]\n", encoding="utf-8")
    project.edit(lambda config: config.update({"nim:cluster": {"context": "prod", "kubeconfig": "config"}}))
    line = f"nim:cluster.context: found 'prod'; contexts in {project.root}/config: dev"
    assert line in project.stacks("up").output
    assert line in project.pulumi("preview").output


def test_a_deployment_of_somebody_else_is_not_taken_over(project: Project) -> None:
    assert project.run("nim-sandbox", "start", project.stack).code == 0
    assert project.kubectl("create", "namespace", "nim").code == 0
    assert project.kubectl("create", "deployment", "two", "--image=registry.example.com/theirs:1").code == 0
    refused = project.stacks("up")
    assert refused.code == 2
    assert refused.output.splitlines()[-1].startswith(
        f"stacks/Pulumi.{STACK}.yaml: nim:endpoints.two: is also the name of a Deployment in the cluster"
    )
    assert "nim:endpoints.one" not in refused.output
    assert "registry.example.com/theirs:1" in project.kubectl("get", "deployment", "two", "-o", "yaml").output
