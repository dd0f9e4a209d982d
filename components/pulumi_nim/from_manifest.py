"""The one place where a manifest, a plain dict in wire format, becomes a Pulumi resource."""

from collections.abc import Callable
from typing import Any, TypeVar

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim.manifests.values import Manifest

R = TypeVar("R", bound=pulumi.Resource)

_ARGUMENTS = {
    "automountServiceAccountToken": "automount_service_account_token",
    "binaryData": "binary_data",
    "stringData": "string_data",
}
"""Top-level fields whose argument is spelt otherwise; deeper ones go through as they are."""


def from_manifest(resource: Callable[..., R], name: str, manifest: Manifest, opts: pulumi.ResourceOptions) -> R:
    """`resource` built from `manifest`; its class states apiVersion and kind."""
    fields: dict[str, Any] = {
        _ARGUMENTS.get(key, key): value for key, value in manifest.items() if key not in ("apiVersion", "kind")
    }
    return resource(name, **fields, opts=opts)


def custom_resource(name: str, manifest: Manifest, opts: pulumi.ResourceOptions) -> k8s.apiextensions.CustomResource:
    """Of a kind that no SDK has a class for; its `spec` goes through untouched."""
    return k8s.apiextensions.CustomResource(
        name,
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        metadata=manifest["metadata"],
        spec=manifest["spec"],
        opts=opts,
    )
