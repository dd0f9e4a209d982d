from typing import Any

import pytest

from nim_sandbox.aws_plugin.parameters import BadParameters, parameters

GROUP: dict[str, Any] = {
    "clusterName": "nim",
    "nodegroupName": "g",
    "subnets": ["subnet-1"],
    "nodeRole": "arn:aws:iam::123456789012:role/r",
}
TEMPLATE: dict[str, Any] = {"launchTemplateName": "abc"}


def refused(operation: str, values: dict[str, Any]) -> str:
    with pytest.raises(BadParameters) as error:
        parameters("ec2" if operation == "CreateLaunchTemplate" else "eks", operation, values)
    return str(error.value)


def test_names_take_the_spelling_of_the_call() -> None:
    assert parameters(
        "iam", "AttachRolePolicy", {"role": "r", "policyArn": "arn:aws:iam::aws:policy/P"}, {"role": "RoleName"}
    ) == {
        "RoleName": "r",
        "PolicyArn": "arn:aws:iam::aws:policy/P",
    }


def test_tags_and_truths_take_the_form_of_the_call() -> None:
    ebs = {"encrypted": "true", "volumeSize": 300}
    data = {
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": ebs}],
        "tagSpecifications": [{"resourceType": "instance", "tags": {"a": "b"}}],
    }
    sent = parameters("ec2", "CreateLaunchTemplate", {**TEMPLATE, "launchTemplateData": data})["LaunchTemplateData"]
    assert sent["BlockDeviceMappings"] == [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "VolumeSize": 300}}]
    assert sent["TagSpecifications"] == [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]


def test_a_map_of_tags_stays_a_map_where_the_call_wants_one() -> None:
    assert parameters("eks", "CreateNodegroup", {**GROUP, "tags": {"a": "b"}})["tags"] == {"a": "b"}


def test_a_parameter_that_aws_does_not_have_is_named() -> None:
    assert "AWS has no parameter flavour" in refused("CreateNodegroup", {**GROUP, "flavour": "x"})


def test_a_parameter_of_another_type_is_refused() -> None:
    assert "scalingConfig.minSize" in refused("CreateNodegroup", {**GROUP, "scalingConfig": {"minSize": "one"}})


def test_a_parameter_that_is_missing_is_named() -> None:
    assert '"nodeRole"' in refused("CreateNodegroup", {k: v for k, v in GROUP.items() if k != "nodeRole"})


def test_a_word_that_aws_does_not_list_is_refused_with_those_that_it_does() -> None:
    taint = {"key": "k", "effect": "NoSchedule"}
    said = refused("CreateNodegroup", {**GROUP, "taints": [taint]})
    assert said == (
        "CreateNodegroup.taints.effect: found 'NoSchedule'; AWS takes NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE"
    )
