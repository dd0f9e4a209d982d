"""Nodes of one GPU product, from wherever they come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pulumi
import pulumi_kubernetes as k8s

from nim_profiles.gpu import Gpu
from nim_profiles.instance import InstanceType
from pulumi_nim.eks.node_group import EksNodeGroup
from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.karpenter.nodes import KarpenterNodes
from pulumi_nim.karpenter_nodes import karpenter_nodes
from pulumi_nim.labels import GPU_LABEL, GPU_PRODUCT_LABEL, INSTANCE_TYPE_LABEL, POOL_LABEL
from pulumi_nim.manifests.device_plugin import device_plugin
from pulumi_nim.manifests.node import simulated_node
from pulumi_nim.manifests.processors import Processors

SIMULATED_ZONES = ("sandbox-a", "sandbox-b", "sandbox-c")


@dataclass(frozen=True, kw_only=True)
class SimulatedNodes:
    """Nodes without machines, for a control plane that simulates kubelets (the sandbox)."""

    instance_type: InstanceType
    node_count: int
    zones: tuple[str, ...] = SIMULATED_ZONES
    """Nodes are spread over them in turn."""

    @property
    def gpu(self) -> Gpu:
        return self.instance_type.gpu


@dataclass(frozen=True, kw_only=True)
class ExistingNodes:
    """Nodes that somebody else runs. Nothing is created; pods select them by GPU product, or by labels alone."""

    gpu: Gpu
    """`nim_profiles.gpu.processors` where they have none."""
    node_labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Further labels that a node must have."""
    processors: Processors | None = None
    """What a replica takes of nodes without GPUs."""


BackEnd = SimulatedNodes | ExistingNodes | EksNodeGroup | KarpenterNodes


@dataclass(frozen=True, kw_only=True)
class GpuNodePoolArgs:
    back_end: BackEnd
    """Plain: decides which resources exist."""


class GpuNodePool(pulumi.ComponentResource):
    """Says which GPUs it offers and how a pod finds them; each back end brings its nodes about in its own way."""

    gpu: Gpu
    node_selector: Mapping[str, str]
    """What pods of this pool put into `nodeSelector`: always what tells the GPU, so that no pod lands on another one.

    On EKS that is the instance type, with Karpenter a label of ours: that of the GPU product comes only after NVIDIA's
    daemons have run, and a pool that grows from nothing has no node on which an autoscaler could have seen it.
    """

    processors: Processors | None
    """What a replica takes, where the pool has no GPUs."""

    def __init__(self, name: str, args: GpuNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:compute:GpuNodePool", name, None, opts)
        self.gpu = args.back_end.gpu
        self.processors = None
        product = {GPU_PRODUCT_LABEL: self.gpu.product}
        match args.back_end:
            case SimulatedNodes() as nodes:
                self._simulate(name, nodes)
                self.node_selector = {**product, POOL_LABEL: name}
            case ExistingNodes(node_labels=node_labels, processors=processors):
                self.node_selector = {**(product if processors is None else {}), **node_labels}
                self.processors = processors
            case EksNodeGroup() as group:
                from pulumi_nim.eks_nodes import eks_nodes  # noqa: PLC0415 - AWS's SDK takes long to load

                eks_nodes(name, group, self)
                self.node_selector = {INSTANCE_TYPE_LABEL: group.instance_type.name, POOL_LABEL: name}
                if group.needs_device_plugin:
                    self._install_device_plugin(name)
            case KarpenterNodes() as nodes:
                karpenter_nodes(name, nodes, self)
                self.node_selector = {GPU_LABEL: nodes.gpu.product, POOL_LABEL: name}
                if nodes.needs_device_plugin:
                    self._install_device_plugin(name)
        self.register_outputs({})

    def _install_device_plugin(self, name: str) -> None:
        plugin = device_plugin(f"nvidia-device-plugin-{name}", {POOL_LABEL: name})
        opts = pulumi.ResourceOptions(parent=self)
        from_manifest(k8s.apps.v1.DaemonSet, plugin["metadata"]["name"], plugin, opts)

    def _simulate(self, name: str, nodes: SimulatedNodes) -> None:
        for number in range(nodes.node_count):
            zone = nodes.zones[number % len(nodes.zones)]
            node = simulated_node(f"{name}-{number}", name, nodes.instance_type.name, zone)
            from_manifest(k8s.core.v1.Node, f"{name}-{number}", node, pulumi.ResourceOptions(parent=self))
