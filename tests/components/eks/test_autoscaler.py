from nim_profiles.instance import instance_type
from pulumi_nim.eks.autoscaler import template_tags
from pulumi_nim.eks.managed import managed_node_group
from pulumi_nim.eks.node_group import EksNodeGroup, ImageFamily
from tests.components.eks.samples import GROUP, SUBNET_A, group

PREFIX = "k8s.io/cluster-autoscaler/node-template/"


def told(wanted: EksNodeGroup) -> dict[str, str]:
    return {tag.key.removeprefix(PREFIX): tag.value for tag in template_tags("l40s", wanted).values()}


def test_scale_from_zero_knows_labels_taint_gpus_and_disk() -> None:
    assert told(group(node_count=0, max_node_count=4)) == {
        "label/pulumi-nim/pool": "l40s",
        "label/k8s.amazonaws.com/accelerator": "nvidia-l40s",
        "taint/nvidia.com/gpu": "present:NoSchedule",
        "resources/nvidia.com/gpu": "4",
        "resources/ephemeral-storage": str(instance_type("g6e.12xlarge").local_nvme_bytes),
    }


def test_scale_from_zero_knows_efa() -> None:
    wanted = group("p5.48xlarge", efa=True, security_group_ids=(GROUP,), subnets={SUBNET_A: "use1-az6"})
    assert told(wanted)["resources/vpc.amazonaws.com/efa"] == "32"


def test_bottlerocket_keeps_images_on_the_disk_that_it_was_given() -> None:
    wanted = group(image_family=ImageFamily.BOTTLEROCKET, root_disk_gib=300)
    assert told(wanted)["resources/ephemeral-storage"] == str(300 * 1024**3)


def test_nodes_get_the_labels_that_the_autoscaler_was_told() -> None:
    wanted = group(node_count=0, max_node_count=4)
    labels = {key.removeprefix("label/"): value for key, value in told(wanted).items() if key.startswith("label/")}
    assert managed_node_group("l40s", wanted)["labels"] == labels


def test_a_taint_is_spelt_as_kubernetes_spells_it_though_eks_spells_it_otherwise() -> None:
    wanted = group(node_count=0, max_node_count=4)
    (taint,) = managed_node_group("l40s", wanted)["taints"]
    assert told(wanted)[f"taint/{taint['key']}"] == f"{taint['value']}:NoSchedule"
    assert taint["effect"] == "NO_SCHEDULE"
