from base64 import b64decode
from email import message_from_string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.instance import catalogue
from pulumi_nim.eks.launch_template import launch_template
from pulumi_nim.eks.managed import managed_node_group, node_policies
from pulumi_nim.eks.node_group import CapacityType, ImageFamily, fixed_name, node_group_name
from tests.components.eks.samples import BLOCK, GROUP, SUBNET_A, SUBNET_B, group

WITH_EFA = sorted(name for name, kind in catalogue().items() if kind.efa_layout)
BOUGHT = group("p5.48xlarge", capacity_type=CapacityType.CAPACITY_BLOCK, reservation_id=BLOCK)


def test_metadata_wants_a_token_and_pods_reach_it() -> None:
    options = launch_template(group(), {})["metadata_options"]
    assert options == {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 2}


def test_the_disk_is_encrypted_gp3_within_its_ratio() -> None:
    (disk,) = launch_template(group(root_disk_gib=400), {})["block_device_mappings"]
    assert disk["device_name"] == "/dev/xvda"
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volume_type"], disk["ebs"]["volume_size"]) == ("true", "gp3", 400)
    assert disk["ebs"]["throughput"] <= disk["ebs"]["iops"] / 4


def test_bottlerocket_keeps_images_on_its_second_disk() -> None:
    arguments = launch_template(group(image_family=ImageFamily.BOTTLEROCKET), {})
    assert arguments["block_device_mappings"][0]["device_name"] == "/dev/xvdb"
    assert "user_data" not in arguments


def test_nothing_that_eks_forbids_stands_in_the_template() -> None:
    for wanted in (group(), BOUGHT, group(capacity_type=CapacityType.SPOT)):
        arguments = launch_template(wanted, {})
        assert arguments.keys() & {"iam_instance_profile", "instance_initiated_shutdown_behavior", "image_id"} == set()
        assert "subnet" not in str(arguments)
        assert arguments.get("instance_market_options") != {"market_type": "spot"}


def test_disk_size_and_remote_access_never_stand_beside_a_template() -> None:
    assert managed_node_group("l40s", group()).keys() & {"disk_size", "remote_access", "release_version"} == set()


@pytest.mark.parametrize("wanted", [group(), BOUGHT], ids=["on demand", "capacity block"])
def test_the_instance_type_stands_in_one_place(wanted: object) -> None:
    assert isinstance(wanted, type(group()))
    here = "instance_type" in launch_template(wanted, {})
    there = "instance_types" in managed_node_group("l40s", wanted)
    assert here != there


def test_a_capacity_block_is_told_three_times() -> None:
    template = launch_template(BOUGHT, {})
    assert template["instance_market_options"] == {"market_type": "capacity-block"}
    assert template["capacity_reservation_specification"] == {
        "capacity_reservation_target": {"capacity_reservation_id": BLOCK}
    }
    assert managed_node_group("h100", BOUGHT)["capacity_type"] == "CAPACITY_BLOCK"


@pytest.mark.parametrize("name", WITH_EFA)
def test_card_0_begins_with_a_plain_interface_and_each_card_follows_its_layout(name: str) -> None:
    wanted = group(name, efa=True, security_group_ids=(GROUP,))
    interfaces = launch_template(wanted, {})["network_interfaces"]
    places = [(one["network_card_index"], one["device_index"]) for one in interfaces]
    assert interfaces[0]["interface_type"] == "interface"
    assert places[0] == (0, 0)
    assert len(set(places)) == len(places)
    efa = [one for one in interfaces if one["interface_type"] == "efa-only"]
    assert len(efa) == wanted.instance_type.efa_interfaces
    assert all(one["security_groups"] == [GROUP] for one in interfaces)


def test_card_0_of_p6_b300_has_no_efa() -> None:
    wanted = group("p6-b300.48xlarge", efa=True, security_group_ids=(GROUP,))
    on_card_0 = [i for i in launch_template(wanted, {})["network_interfaces"] if i["network_card_index"] == 0]
    assert [one["interface_type"] for one in on_card_0] == ["interface"]


def test_security_groups_stand_on_interfaces_or_on_the_instance_never_on_both() -> None:
    plain = launch_template(group(security_group_ids=(GROUP,)), {})
    laid_out = launch_template(group("p5.48xlarge", efa=True, security_group_ids=(GROUP,)), {})
    assert plain["vpc_security_group_ids"] == [GROUP]
    assert "vpc_security_group_ids" not in laid_out


def test_tags_reach_instances_and_disks() -> None:
    arguments = launch_template(group(), {"team": "a"})
    assert {one["resource_type"]: one["tags"] for one in arguments["tag_specifications"]} == {
        "instance": {"team": "a"},
        "volume": {"team": "a"},
    }


def test_local_disks_become_one_as_nodeadm_wants_it_said() -> None:
    message = message_from_string(b64decode(launch_template(group(), {})["user_data"]).decode())
    _, part = message.walk()
    assert part.get_content_type() == "application/node.eks.aws"
    config = yaml.safe_load(str(part.get_payload()))
    assert config["spec"]["instance"]["localStorage"] == {"strategy": "RAID0"}


def test_updates_never_ask_for_spare_gpus() -> None:
    assert managed_node_group("l40s", group())["update_config"] == {"max_unavailable": 1, "update_strategy": "MINIMAL"}


def test_taints_are_spelt_as_eks_spells_them() -> None:
    taint = {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}
    assert managed_node_group("l40s", group())["taints"] == [taint]


@pytest.mark.parametrize(
    ("nodes", "most", "sizes"), [(3, None, (1, 3, 3)), (0, None, (0, 0, 1)), (1, 4, (1, 1, 4)), (0, 2, (0, 0, 2))]
)
def test_sizes_are_least_wanted_most(nodes: int, most: int | None, sizes: tuple[int, int, int]) -> None:
    scaling = managed_node_group("l40s", group(node_count=nodes, max_node_count=most))["scaling_config"]
    assert (scaling["min_size"], scaling["desired_size"], scaling["max_size"]) == sizes


def test_the_role_has_the_least_policies() -> None:
    names = {arn.rpartition("/")[2] for arn in node_policies(group()).values()}
    least = {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"}
    assert names == least | {"AmazonEKS_CNI_Policy"}
    assert {arn.rpartition("/")[2] for arn in node_policies(group(cni_has_own_role=True)).values()} == least


def test_what_eks_answers_with_a_new_node_group_gets_a_new_name() -> None:
    names = [
        node_group_name("pool", one)
        for one in (
            group(),
            group("g6e.48xlarge"),
            group(capacity_type=CapacityType.SPOT),
            group(image_family=ImageFamily.BOTTLEROCKET),
            group(subnets={SUBNET_A: "use1-az2"}),
        )
    ]
    assert len(set(names)) == len(names)


def test_what_eks_changes_in_place_keeps_the_name() -> None:
    changed = group(node_count=7, max_node_count=9, root_disk_gib=500, tags={"a": "b"})
    assert node_group_name("pool", changed) == node_group_name("pool", group())
    turned = group(subnets={SUBNET_B: "use1-az6", SUBNET_A: "use1-az2"})
    assert node_group_name("pool", turned) == node_group_name("pool", group())


@given(st.text(min_size=1, max_size=200), st.integers(20, 128))
def test_a_fixed_name_is_never_too_long(text: str, limit: int) -> None:
    assert len(fixed_name(text, limit)) <= limit
