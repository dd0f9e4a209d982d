from typing import Any

import pytest

from nim_profiles.instance import catalogue, instance_type
from pulumi_nim.karpenter.nodes import KarpenterNodes, Market
from pulumi_nim.manifests.ec2_node_class import ec2_node_class
from tests.components.karpenter.samples import BLOCK, GROUP, SUBNET_A, SUBNET_B, complaints, nodes
from tests.components.karpenter.test_rules import TAKEN

WITH_EFA = sorted(name for name, kind in catalogue().items() if kind.efa_layout and kind.architecture == "x86_64")


def spec(wanted: KarpenterNodes) -> dict[str, Any]:
    return dict(ec2_node_class("l40s", wanted)["spec"])


@pytest.mark.parametrize("wanted", TAKEN.values(), ids=TAKEN)
def test_karpenters_own_schema_takes_it(wanted: KarpenterNodes) -> None:
    assert complaints(ec2_node_class("l40s", wanted), "karpenter.k8s.aws_ec2nodeclasses.yaml") == []


def test_the_schema_would_notice_a_mistake() -> None:
    wrong = ec2_node_class("l40s", nodes(root_disk_gib=60_000))
    wrong["spec"]["subnets"] = []
    places = [line.partition(":")[0] for line in complaints(wrong, "karpenter.k8s.aws_ec2nodeclasses.yaml")]
    assert sorted(places) == ["$.spec", "$.spec.blockDeviceMappings[0].ebs.volumeSize"]


def test_the_image_is_an_alias_with_its_release() -> None:
    assert spec(nodes())["amiSelectorTerms"] == [{"alias": "al2023@v20260714"}]


def test_metadata_wants_a_token_and_pods_reach_it() -> None:
    options = spec(nodes())["metadataOptions"]
    assert options == {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 2}


def test_disks_are_encrypted_gp3_within_their_ratio() -> None:
    (disk,) = spec(nodes(root_disk_gib=400))["blockDeviceMappings"]
    assert disk["deviceName"] == "/dev/xvda"
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeType"], disk["ebs"]["volumeSize"]) == (True, "gp3", "400Gi")
    assert disk["ebs"]["throughput"] <= disk["ebs"]["iops"] / 4


def test_bottlerocket_keeps_images_on_its_second_disk() -> None:
    system, images = spec(nodes(image="bottlerocket@v1.50.0"))["blockDeviceMappings"]
    assert (system["deviceName"], images["deviceName"]) == ("/dev/xvda", "/dev/xvdb")
    assert images["ebs"]["volumeSize"] == "300Gi"
    assert system["ebs"]["encrypted"] is images["ebs"]["encrypted"] is True


def test_subnets_and_groups_are_named_by_id_else_found_by_tags() -> None:
    named = spec(nodes(discovery_tags={"a": "b"}))
    assert named["subnetSelectorTerms"] == [{"id": SUBNET_A}, {"id": SUBNET_B}]
    assert named["securityGroupSelectorTerms"] == [{"id": GROUP}]
    found = spec(nodes(subnets={}, security_group_ids=(), discovery_tags={"a": "b"}))
    assert found["subnetSelectorTerms"] == found["securityGroupSelectorTerms"] == [{"tags": {"a": "b"}}]


def test_reservations_are_selected_by_id() -> None:
    bought = spec(nodes(markets=(Market.RESERVED,), reservation_ids=(BLOCK,)))
    assert bought["capacityReservationSelectorTerms"] == [{"id": BLOCK}]


def test_a_placement_group_is_selected_by_name() -> None:
    assert spec(nodes(placement_group="together"))["placementGroupSelector"] == {"name": "together"}


def test_tags_reach_instances_and_disks() -> None:
    assert spec(nodes(tags={"team": "a"}))["tags"] == {"team": "a", "Name": "l40s"}


def test_local_disks_become_one() -> None:
    assert spec(nodes())["instanceStorePolicy"] == "RAID0"


@pytest.mark.parametrize("name", WITH_EFA)
def test_each_card_follows_its_layout(name: str) -> None:
    kind = instance_type(name)
    made = ec2_node_class("p", nodes(gpu=kind.gpu, instance_types=(kind,), efa=True, subnets={SUBNET_A: "use1-az6"}))
    interfaces = made["spec"]["networkInterfaces"]
    first = {"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "interface"}
    assert interfaces[0] == first
    assert sum(one["interfaceType"] == "efa-only" for one in interfaces) == kind.efa_interfaces
    assert complaints(made, "karpenter.k8s.aws_ec2nodeclasses.yaml") == []


def test_card_0_of_p6_b300_has_no_efa() -> None:
    kind = instance_type("p6-b300.48xlarge")
    interfaces = spec(nodes(gpu=kind.gpu, instance_types=(kind,), efa=True))["networkInterfaces"]
    assert [one["interfaceType"] for one in interfaces if one["networkCardIndex"] == 0] == ["interface"]
