"""`make status` of a live stack: it agrees, until somebody changes the cluster, the file or the pods' fate."""

import json

import pytest

from tests.stacks.engine.conftest import Project

pytestmark = pytest.mark.engine

BY_HAND = {
    "spec": {
        "replicas": 1,
        "template": {
            "spec": {
                "nodeSelector": {"zone": "elsewhere"},
                "containers": [{"name": "nim", "image": "busybox:1", "env": [{"name": "BY_HAND", "value": "yes"}]}],
            }
        },
    }
}


def test_status_agrees_with_a_stack_that_is_as_declared_and_tells_every_change_by_hand(deployed: Project) -> None:
    well = deployed.stacks("status")
    assert well.code == 0, well.output
    assert "2 of 2 ready" in well.output
    assert "simulated: nothing there can answer" in well.output

    patched = deployed.kubectl("patch", "deployment/one", "--patch", json.dumps(BY_HAND))
    assert patched.code == 0, patched.output
    gone = deployed.kubectl("delete", "poddisruptionbudget/two")
    assert gone.code == 0, gone.output
    deployed.pristine = False
    told = deployed.run("python", "-m", "stacks", "status", deployed.stack, "--json")
    assert told.code == 1, told.output
    document = json.loads(told.output[told.output.index("{") :])
    one, two = document["endpoints"]
    pod = "Deployment one: spec.template.spec"
    assert [line.partition(" -> ")[0] for line in one["cluster"]["drift"]] == [
        "Deployment one: spec.replicas: 2",
        f"{pod}.containers[nim].env[BY_HAND]: nothing",
        f"{pod}.containers[nim].image: {deployed_image(deployed)}",
        f"{pod}.nodeSelector.zone: nothing",
    ]
    assert two["cluster"]["drift"] == ["PodDisruptionBudget two: is gone"]
    assert (document["agrees"], one["state"]["pending"], two["endpoint_says"]["otherwise"]) == (
        False,
        [],
        ["simulated"],
    )


def deployed_image(project: Project) -> str:
    state = json.loads(project.pulumi("stack", "export").output)
    images = [
        one["inputs"]["spec"]["template"]["spec"]["containers"][0]["image"]
        for one in state["deployment"]["resources"]
        if one["type"] == "kubernetes:apps/v1:Deployment"
    ]
    return str(images[0])


def test_status_explains_a_failing_pod_and_names_what_the_file_says_more(deployed: Project) -> None:
    fail = {"pod_annotations": {"sandbox.nim/fail": "out-of-memory"}}
    deployed.edit(lambda config: config["nim:endpoints"]["two"].update(fail))
    assert deployed.stacks("up").code == 1
    deployed.edit(lambda config: config["nim:endpoints"]["one"].update(replicas=1))
    told = deployed.stacks("status")
    assert told.code == 1, told.output
    assert "two, cluster: exit 137, OOMKilled" in told.output
    assert "two, out of memory: 'Estimated VRAM (45.2 GB) exceeds available GPU memory (39.6 GB)." in told.output
    assert "write max_model_len: 4096 under settings" in told.output
    assert "one, state: update Deployment one (" in told.output
    assert "spec.replicas" in told.output
    assert "make preview STACK=local" in told.output
