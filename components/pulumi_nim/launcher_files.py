"""The launcher and its manifest in a cluster, where every pod and Job of an endpoint mounts them."""

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.manifests.launcher import Launcher, config_maps
from pulumi_nim.manifests.values import Text

SERVICE = "nim:serving:NimService"


def launcher_files(
    endpoint: str, namespace: Text, launcher: Launcher, parent: pulumi.Resource
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Names of two ConfigMaps: program, manifest."""
    # They were the service's; the alias goes when every stack has been updated once.
    formerly = pulumi.Alias(parent=parent.urn.apply(_service_of))
    opts = pulumi.ResourceOptions(parent=parent, aliases=[formerly])
    maps = config_maps(endpoint, namespace, launcher)
    program, manifest = (from_manifest(k8s.core.v1.ConfigMap, one["metadata"]["name"], one, opts) for one in maps)
    return _name(program), _name(manifest)


def _name(config_map: k8s.core.v1.ConfigMap) -> pulumi.Output[str]:
    return config_map.metadata.apply(lambda metadata: str(metadata.name))


def _service_of(endpoint_urn: str) -> str:
    types, name = endpoint_urn.rsplit("::", 1)
    return f"{types}${SERVICE}::{name}"
