"""The EKS path with the real engine: node groups in a simulated account, their nodes, the pods on them, and the end."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from nim_sandbox.aws.account import CLUSTER, Client, client
from tests.stacks.engine.conftest import BF16, FP8, LLAMA, Project, checked_out
from tests.stacks.engine.test_lifecycle import changes

pytestmark = pytest.mark.engine
STACK = "eks-sandbox"
CONTENT: dict[str, Any] = {
    "nim:cluster": {"sandbox": STACK},
    "nim:eks": {
        "cluster": CLUSTER,
        "region": "us-east-1",
        "subnets": {"subnet-0000000000000001": "use1-az1", "subnet-0000000000000002": "use1-az2"},
        "tags": {"team": "models"},
    },
    "nim:needs_ngc_key": False,
    "nim:caches": {"protect": False},
    "nim:pools": {"l40s": {"back_end": "eks", "instance_type": "g6e.xlarge", "node_count": 2}},
    "nim:endpoints": {"one": {"image": LLAMA, "profile": FP8, "pool": "l40s", "replicas": 2}},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Up once; the tests are steps of one life, in their order."""
    with checked_out(tmp_path_factory, STACK) as project:
        salt = "v1:Co71Z1prQWo=:v1:x/OMHhP/Xx5y+c4k:PmWP7LEGuL+mttPnrN/2GjlZRdSm7w=="
        project.stack_file.write_text(yaml.safe_dump({"encryptionsalt": salt, "config": CONTENT}), encoding="utf-8")
        done = project.stacks("up")
        assert done.code == 0, done.output
        yield project


def aws(project: Project, service: str) -> Client:
    return client(service, (project.sandbox / "aws-endpoint").read_text(encoding="utf-8"))


def node_groups(project: Project) -> list[dict[str, Any]]:
    eks = aws(project, "eks")
    names = eks.list_nodegroups(clusterName=CLUSTER)["nodegroups"]
    return [eks.describe_nodegroup(clusterName=CLUSTER, nodegroupName=name)["nodegroup"] for name in names]


def nodes(project: Project) -> list[dict[str, Any]]:
    return list(json.loads(project.kubectl("get", "nodes", "--output", "json").output)["items"])


def settled(project: Project, count: int) -> bool:
    """Nodes go a moment after their group."""
    deadline = time.monotonic() + 40
    while len(nodes(project)) != count and time.monotonic() < deadline:
        time.sleep(0.5)
    return len(nodes(project)) == count


def test_the_account_holds_what_was_planned(project: Project) -> None:
    (group,) = node_groups(project)
    assert group["scalingConfig"] == {"minSize": 1, "maxSize": 2, "desiredSize": 2}
    assert group["instanceTypes"] == ["g6e.xlarge"]
    assert group["amiType"] == "AL2023_x86_64_NVIDIA"
    assert group["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}]
    ec2 = aws(project, "ec2")
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateId=group["launchTemplate"]["id"])[
        "LaunchTemplateVersions"
    ]
    data = version["LaunchTemplateData"]
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert {"Key": "team", "Value": "models"} in data["TagSpecifications"][0]["Tags"]
    assert data.keys().isdisjoint({"InstanceType", "IamInstanceProfile", "InstanceMarketOptions"})
    role = group["nodeRole"].rpartition("/")[2]
    attached = aws(project, "iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert len(attached) == 3


def test_nodes_carry_what_the_group_says_and_pods_run_on_them(project: Project) -> None:
    here = nodes(project)
    zones = {node["metadata"]["labels"]["topology.k8s.aws/zone-id"] for node in here}
    assert zones == {"use1-az1", "use1-az2"}
    assert {node["spec"]["taints"][0]["key"] for node in here} == {"nvidia.com/gpu"}
    pods = json.loads(project.kubectl("get", "pods", "--output", "json").output)["items"]
    assert {pod["spec"]["nodeName"] for pod in pods} == {node["metadata"]["name"] for node in here}


def test_every_node_has_the_device_plugin(project: Project) -> None:
    words = ("--namespace", "kube-system", "get", "pods", "--output", "json")
    plugins = json.loads(project.kubectl(*words).output)["items"]
    assert {pod["metadata"]["labels"]["app.kubernetes.io/instance"] for pod in plugins} == {"nvidia-device-plugin-l40s"}
    assert {pod["spec"]["nodeName"] for pod in plugins} == {node["metadata"]["name"] for node in nodes(project)}


def test_up_again_changes_nothing(project: Project) -> None:
    done = project.stacks("up")
    assert done.code == 0, done.output
    assert set(changes(done.output)) == {"unchanged"}


def test_another_number_of_nodes_changes_the_scaling_and_no_pod(project: Project) -> None:
    """The Deployment is updated too: with room for one more, its next change starts the new replica first."""
    before = project.objects("pods")
    project.edit(lambda config: config["nim:pools"]["l40s"].update(node_count=3))
    done = project.stacks("up")
    assert done.code == 0, done.output
    assert "aws:eks:NodeGroup l40s updated" in done.output
    assert changes(done.output)["updated"] == 2, done.output
    assert settled(project, 3)
    assert project.objects("pods") == before


def test_a_size_that_somebody_changed_is_seen_and_put_back(project: Project) -> None:
    (group,) = node_groups(project)
    aws(project, "eks").update_nodegroup_config(
        clusterName=CLUSTER, nodegroupName=group["nodegroupName"], scalingConfig={"desiredSize": 2}
    )
    assert settled(project, 2)
    seen = project.pulumi("refresh", "--yes")
    assert changes(seen.output).get("updated") == 1, seen.output
    assert project.stacks("up").code == 0
    assert settled(project, 3)


def test_other_tags_are_a_new_version_of_the_template_in_the_same_group(project: Project) -> None:
    (before,) = node_groups(project)
    project.edit(lambda config: config["nim:eks"].update(tags={"team": "others"}))
    done = project.stacks("up")
    assert done.code == 0, done.output
    (after,) = node_groups(project)
    assert after["nodegroupName"] == before["nodegroupName"]
    assert after["launchTemplate"]["version"] == "2"
    assert after["tags"] == {"team": "others"}


def test_larger_nodes_come_before_the_old_ones_go(project: Project) -> None:
    def enlarge(config: dict[str, Any]) -> None:
        config["nim:pools"]["l40s"].update(instance_type="g6e.12xlarge", node_count=1)
        config["nim:endpoints"]["one"].update(profile=BF16)

    (before,) = node_groups(project)
    project.edit(enlarge)
    done = project.stacks("up")
    assert done.code == 0, done.output
    made = re.search(r"aws:eks:NodeGroup l40s created replacement", done.output)
    gone = re.search(r"aws:eks:NodeGroup l40s deleted original", done.output)
    moved = re.search(r"apps/v1:Deployment one (updated|created)", done.output)
    assert made, done.output
    assert gone, done.output
    assert moved, done.output
    assert made.start() < moved.start() < gone.start()
    (after,) = node_groups(project)
    assert after["nodegroupName"] != before["nodegroupName"]
    assert settled(project, 1)


def test_what_aws_would_refuse_is_refused_before_anything_is_touched(project: Project) -> None:
    (before,) = node_groups(project)
    good = project.stack_file.read_text(encoding="utf-8")
    project.edit(lambda config: config["nim:pools"]["l40s"].update(capacity_type="capacity-block", efa=True))
    refused = project.stacks("up")
    assert refused.code == 2, refused.output
    assert "nim:pools.l40s.capacity_type: found capacity-block, but g6e.12xlarge is sold as" in refused.output
    assert "nim:eks.security_groups: is empty, and EFA needs" in refused.output
    assert node_groups(project) == [before]
    project.stack_file.write_text(good, encoding="utf-8")


def test_destroy_leaves_account_and_cluster_empty(project: Project) -> None:
    done = project.pulumi("destroy", "--yes")
    assert done.code == 0, done.output
    assert node_groups(project) == []
    assert aws(project, "ec2").describe_launch_templates()["LaunchTemplates"] == []
    assert aws(project, "iam").list_roles()["Roles"] == []
    assert settled(project, 0)
    assert project.objects("all,pdb,serviceaccounts") == ["serviceaccount/default"]
    assert project.kubectl("--namespace", "kube-system", "get", "daemonsets", "--output", "name").output == ""
