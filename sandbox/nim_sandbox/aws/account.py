"""What the simulated account holds from the start: an EKS cluster and its subnets, with fixed ids.

So a stack file can name them, as it names those of a real account.
"""

from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import boto3  # type: ignore[import-untyped]  # it makes its clients at run time
from botocore.config import Config  # type: ignore[import-untyped]  # as above
from moto.eks.models import eks_backends

REGION = "us-east-1"
CLUSTER = "nim"
SUBNETS = MappingProxyType(
    {
        "subnet-0000000000000001": "use1-az1",
        "subnet-0000000000000002": "use1-az2",
        "subnet-0000000000000004": "use1-az4",
    }
)
"""Zone id by subnet id."""
ACCOUNT = "123456789012"
"""moto's own number."""
CLUSTER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/cluster"

Client = Any  # boto3's clients are made at run time and have no types


def client(service: str, endpoint: str, region: str = REGION) -> Client:
    """Talks to the simulated account only.

    The keys are made up, no environment or file is asked for others, and no proxy is used.
    """
    session = boto3.session.Session(aws_access_key_id="simulated", aws_secret_access_key="simulated")  # noqa: S106 - no key
    direct = Config(proxies={})
    return session.client(service, region_name=region, endpoint_url=endpoint, config=direct)


def furnish(endpoint: str, server: str, authority: str) -> None:
    """Makes cluster and subnets, in the process that runs moto. The cluster is the sandbox's own.

    `server` is where it answers, `authority` in base64 who signs for it.
    """
    ec2 = client("ec2", endpoint)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    # moto invents ids and can be told none.
    with patch("moto.ec2.models.subnets.random_subnet_id", side_effect=sorted(SUBNETS)):
        for number, zone in enumerate(SUBNETS.values()):
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZoneId=zone)
    network = {"subnetIds": sorted(SUBNETS)}
    client("eks", endpoint).create_cluster(name=CLUSTER, roleArn=CLUSTER_ROLE, resourcesVpcConfig=network)
    # moto makes both up.
    cluster = eks_backends[ACCOUNT][REGION].clusters[CLUSTER]
    cluster.endpoint, cluster.certificate_authority = server, {"data": authority}
