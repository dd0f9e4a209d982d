"""Arguments of the launch template: what EKS lets it say, and nothing that EKS forbids in it.

Forbidden by EKS and so never written: a subnet, an instance profile, shutdown behaviour, a spot request, and the
instance type where the node group names it (user guide, launch-templates).
"""

from typing import Any

from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup, ImageFamily
from pulumi_nim.eks.user_data import user_data

IOPS = 4_000
THROUGHPUT_MIB_PER_SECOND = 1_000
"""gp3 takes at most 0.25 MiB/s for each IOPS; parallel image pulls want 600 or more (amazon-eks-ami)."""
HOP_LIMIT = 2
"""Pods reach the instance metadata one hop further away than the host."""

Arguments = dict[str, Any]  # arguments of a resource in Pulumi's own spelling


def launch_template(group: EksNodeGroup, tags: dict[str, str]) -> Arguments:
    """Without name and placement group, which exist only as resources."""
    arguments: Arguments = {
        "metadata_options": {
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": HOP_LIMIT,
        },
        "block_device_mappings": _disks(group),
        # Tags of a node group reach neither its instances nor their disks (containers-roadmap #608).
        "tag_specifications": [{"resource_type": kind, "tags": tags} for kind in ("instance", "volume")],
        "tags": tags,
    }
    if (text := user_data(group)) is not None:
        arguments["user_data"] = text
    if group.in_launch_template:
        arguments["instance_type"] = group.instance_type.name
        arguments["instance_market_options"] = {"market_type": "capacity-block"}
    if group.capacity_type is not CapacityType.SPOT and group.reservation_id is not None:
        target = {"capacity_reservation_id": group.reservation_id}
        arguments["capacity_reservation_specification"] = {"capacity_reservation_target": target}
    if group.efa:
        # Interface level and instance level exclude each other.
        arguments["network_interfaces"] = _interfaces(group)
    elif group.security_group_ids:
        arguments["vpc_security_group_ids"] = list(group.security_group_ids)
    return arguments


def _disks(group: EksNodeGroup) -> list[Arguments]:
    # Bottlerocket keeps its system on xvda and images and containers on xvdb.
    device = "/dev/xvdb" if group.image_family is ImageFamily.BOTTLEROCKET else "/dev/xvda"
    return [
        {
            "device_name": device,
            "ebs": {
                "encrypted": "true",
                "delete_on_termination": "true",
                "volume_type": "gp3",
                "volume_size": group.root_disk_gib,
                "iops": IOPS,
                "throughput": THROUGHPUT_MIB_PER_SECOND,
            },
        }
    ]


def _interfaces(group: EksNodeGroup) -> list[Arguments]:
    """Card by card as the catalogue lays them out: card 0 need not have EFA (p6-b300)."""
    return [
        {
            "network_card_index": interface.network_card_index,
            "device_index": interface.device_index,
            "interface_type": interface.interface_type,
            "security_groups": list(group.security_group_ids),
            "delete_on_termination": "true",
        }
        for interface in group.instance_type.efa_layout
    ]
