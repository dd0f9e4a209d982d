"""Reusable Pulumi components for NVIDIA NIM on Kubernetes."""

from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup, ImageFamily
from pulumi_nim.endpoint_check import Check, EndpointCheck, EndpointCheckArgs
from pulumi_nim.gpu_node_pool import ExistingNodes, GpuNodePool, GpuNodePoolArgs, SimulatedNodes
from pulumi_nim.gpu_operator import GpuOperator
from pulumi_nim.karpenter.nodes import Budget, KarpenterNodes, Market
from pulumi_nim.model_cache import Download, ModelCache, ModelCacheArgs
from pulumi_nim.ngc_credentials import NgcCredentials, NgcCredentialsArgs
from pulumi_nim.nim_endpoint import NimEndpoint, NimEndpointArgs
from pulumi_nim.nim_service import NimService, NimServiceArgs
from pulumi_nim.profile_listing import ProfileListing, ProfileListingArgs

__all__ = [
    "Budget",
    "CapacityType",
    "Check",
    "Download",
    "EksNodeGroup",
    "EndpointCheck",
    "EndpointCheckArgs",
    "ExistingNodes",
    "GpuNodePool",
    "GpuNodePoolArgs",
    "GpuOperator",
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
    "ProfileListing",
    "ProfileListingArgs",
    "SimulatedNodes",
]
