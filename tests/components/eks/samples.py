"""A node group that AWS would take, to be made wrong by the tests."""

from typing import Any

from nim_profiles.instance import instance_type
from pulumi_nim.eks.node_group import EksNodeGroup

SUBNET_A = "subnet-000000000000000a"
SUBNET_B = "subnet-000000000000000b"
GROUP = "sg-0000000000000001"
BLOCK = "cr-0000000000000001"


def group(kind: str = "g6e.12xlarge", **changes: Any) -> EksNodeGroup:
    wanted: dict[str, Any] = {
        "cluster_name": "nim",
        "region": "us-east-1",
        "instance_type": instance_type(kind),
        "node_count": 2,
        "subnets": {SUBNET_A: "use1-az2", SUBNET_B: "use1-az6"},
    }
    return EksNodeGroup(**{**wanted, **changes})
