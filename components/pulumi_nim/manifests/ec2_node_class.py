"""EC2NodeClass: how Karpenter starts an instance in AWS."""

from pulumi_nim.eks.instance_rules import OWN_TAG
from pulumi_nim.eks.launch_template import HOP_LIMIT, IOPS, THROUGHPUT_MIB_PER_SECOND
from pulumi_nim.eks.node_group import ImageFamily
from pulumi_nim.karpenter.nodes import KarpenterNodes
from pulumi_nim.manifests.values import Manifest

SYSTEM_DISK_GIB = 4
"""Bottlerocket's own, beside the one for images; the size that Karpenter gives it by default (v1.14.1)."""


def ec2_node_class(name: str, nodes: KarpenterNodes) -> Manifest:
    """Tags of it reach instances and disks."""
    discovered = [{"tags": dict(nodes.discovery_tags)}]
    spec: Manifest = {
        "amiSelectorTerms": [{"alias": nodes.image}],
        "role": nodes.role,
        "subnetSelectorTerms": [{"id": one} for one in sorted(nodes.subnets)] or discovered,
        "securityGroupSelectorTerms": [{"id": one} for one in nodes.security_group_ids] or discovered,
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": HOP_LIMIT,
        },
        "blockDeviceMappings": _disks(nodes),
        "tags": {**nodes.tags, OWN_TAG: name},
    }
    if any(kind.local_nvme_bytes for kind in nodes.allowed):
        spec["instanceStorePolicy"] = "RAID0"
    if nodes.reservation_ids:
        spec["capacityReservationSelectorTerms"] = [{"id": one} for one in nodes.reservation_ids]
    if nodes.placement_group is not None:
        spec["placementGroupSelector"] = {"name": nodes.placement_group}
    if nodes.efa:
        spec["networkInterfaces"] = _interfaces(nodes)
    return {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": {"name": name, "annotations": {"pulumi.com/waitFor": "condition=Ready"}},
        "spec": spec,
    }


def _disks(nodes: KarpenterNodes) -> list[Manifest]:
    common = {"encrypted": True, "deleteOnTermination": True, "volumeType": "gp3"}
    large = {
        **common,
        "volumeSize": f"{nodes.root_disk_gib}Gi",
        "iops": IOPS,
        "throughput": THROUGHPUT_MIB_PER_SECOND,
    }
    if nodes.image_family is not ImageFamily.BOTTLEROCKET:
        return [{"deviceName": "/dev/xvda", "ebs": large}]
    system = {**common, "volumeSize": f"{SYSTEM_DISK_GIB}Gi"}
    return [{"deviceName": "/dev/xvda", "ebs": system}, {"deviceName": "/dev/xvdb", "ebs": large}]


def _interfaces(nodes: KarpenterNodes) -> list[Manifest]:
    """Card by card as the catalogue lays them out: Karpenter's own layout supposes EFA on card 0 (p6-b300 has none)."""
    return [
        {
            "networkCardIndex": interface.network_card_index,
            "deviceIndex": interface.device_index,
            "interfaceType": interface.interface_type,
        }
        for interface in nodes.allowed[0].efa_layout
    ]
