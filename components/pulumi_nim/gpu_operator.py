"""NVIDIA's GPU operator, once for a cluster."""

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.manifests.gpu_operator import (
    CHART,
    NAMESPACE,
    REPOSITORY,
    VERSION,
    operator_namespace,
    operator_values,
)

TIMEOUT_SECONDS = 600
"""For the operator itself to run; it needs no GPU node for that."""


class GpuOperator(pulumi.ComponentResource):
    """Makes GPUs known to Kubernetes on every node that has some; pools then install no device plugin of their own.

    Installs a Helm release, whose hooks bring its kinds along at upgrades. Installs no driver. The kinds stay when it
    goes, as Helm leaves them.
    """

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:compute:GpuOperator", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        space = from_manifest(k8s.core.v1.Namespace, f"{name}-namespace", operator_namespace(), child)
        k8s.helm.v3.Release(
            name,
            name=NAMESPACE,
            chart=CHART,
            version=VERSION,
            repository_opts={"repo": REPOSITORY},
            namespace=space.metadata.apply(lambda metadata: str(metadata.name)),
            values=operator_values(),
            atomic=True,
            timeout=TIMEOUT_SECONDS,
            opts=child,
        )
        self.register_outputs({})
