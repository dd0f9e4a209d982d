"""What the program itself asks of AWS. Imported only where a stack has to do with AWS: its SDK takes long to load."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from stacks.eks import account
from stacks.eks_cluster import kubeconfig_text
from stacks.selected import ROOT
from stacks.settings import Cluster


def provider(cluster: Cluster, region: str, *, offline: bool) -> aws.Provider:
    """`offline`: nobody is asked, not even for who we are."""
    return aws.Provider("aws", region=region, **account(cluster, ROOT, offline=offline))


def looked_up(name: str, region: str, cloud: pulumi.ProviderResource) -> pulumi.Output[str]:
    """A kubeconfig of the cluster. It holds no secret: a token is asked of the aws command when one is needed."""
    found = aws.eks.get_cluster_output(name=name, opts=pulumi.InvokeOutputOptions(provider=cloud))
    return found.apply(
        lambda cluster: kubeconfig_text(name, region, cluster.endpoint, authority_data(cluster.certificate_authorities))
    )


def authority_data(authorities: Sequence[aws.eks.outputs.GetClusterCertificateAuthorityResult]) -> str:
    """Base64, of the one authority that EKS gives a cluster."""
    (authority,) = authorities
    return str(authority.data)
