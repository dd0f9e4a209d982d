"""Reusable Pulumi components for NVIDIA NIM on Kubernetes."""

from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup, ImageFamily
from pulumi_nim.gpu_node_pool import ExistingNodes, GpuNodePool, GpuNodePoolArgs, SimulatedNodes
from pulumi_nim.karpenter.nodes import Budget, KarpenterNodes, Market
from pulumi_nim.model_cache import ModelCache, ModelCacheArgs
from pulumi_nim.ngc_credentials import NgcCredentials, NgcCredentialsArgs
from pulumi_nim.nim_endpoint import NimEndpoint, NimEndpointArgs
from pulumi_nim.nim_service import NimService, NimServiceArgs

__all__ = [
    "Budget",
    "CapacityType",
    "EksNodeGroup",
    "ExistingNodes",
    "GpuNodePool",
    "GpuNodePoolArgs",
    "ImageFamily",
    "KarpenterNodes",
    "Market",
    "ModelCache",
    "ModelCacheArgs",
    "NgcCredentials",
    "NgcCredentialsArgs",
    "NimEndpoint",
    "NimEndpointArgs",
    "NimService",
    "NimServiceArgs",
    "SimulatedNodes",
]
