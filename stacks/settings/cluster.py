"""The cluster of an environment, and the AWS that it lies in."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from stacks.settings.part import Name, Part, Text


class Cluster(Part):
    """Which cluster: a sandbox of this machine, a context of a kubeconfig, or that of `nim:eks` by its name."""

    sandbox: Annotated[Name | None, Field(description="Name of a sandbox; `make up` starts it")] = None
    real_node: Annotated[
        StrictBool, Field(description="Whether that sandbox has a node that runs containers; needs Linux and root")
    ] = False
    kubeconfig: Annotated[Text | None, Field(description="Default: $KUBECONFIG, else ~/.kube/config")] = None
    context: Annotated[Text | None, Field(description="Context in the kubeconfig; never its current one")] = None
    eks: Annotated[
        Literal[True] | None,
        Field(
            description="The cluster of nim:eks, looked up in AWS; needs no kubeconfig, and the aws command for tokens"
        ),
    ] = None


class Eks(Part):
    """The EKS cluster that exists, and where its GPU nodes are made."""

    cluster: Annotated[Text, Field(description="Its name in AWS; `cluster` says how Kubernetes is reached")]
    region: Annotated[Text, Field(description="e.g. us-east-1")]
    subnets: Annotated[dict[str, Text], Field(description="Zone id (use1-az1, not us-east-1a) by subnet id")] = {}
    security_groups: Annotated[
        list[Text], Field(description="Ids, the cluster's own among them; default: EKS adds the cluster's own")
    ] = []
    discovery_tags: Annotated[
        dict[str, str],
        Field(description="By which Karpenter finds subnets and security groups that are not named by id here"),
    ] = {}
    karpenter_role: Annotated[
        Text | None, Field(description="Name of the IAM role of the nodes that Karpenter starts; needed by its pools")
    ] = None
    cni_has_own_role: Annotated[
        StrictBool, Field(description="Whether the VPC CNI gets its rights by a service account, not by the nodes")
    ] = False
    tags: Annotated[dict[str, str], Field(description="On everything made in AWS, instances and disks included")] = {}
