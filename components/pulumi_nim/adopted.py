"""Objects that were there before the program: what of them stays as it is when an endpoint takes them over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pulumi_nim import labels
from pulumi_nim.manifests.values import Manifest

FIELD_MANAGER = "pulumi-kubernetes"
"""Owner of the fields of what is taken over. What it owns and the program does not say goes with the next update."""
FIELD_MANAGER_ANNOTATION = "pulumi.com/patchFieldManager"
"""Tells the provider to apply under that name. Source: pulumi-kubernetes 4.34, provider/pkg/metadata/annotations.go."""
SERVER_CHOSEN = ("spec.clusterIP", "spec.clusterIPs")
"""Of a Service: another address would be another Service."""


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """Names that cannot change without making the object anew; None: made by the program, named by the endpoint."""

    deployment: str | None = None
    selector: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Of `deployment`. Immutable, so pods carry these labels, and Service and PodDisruptionBudget ask for them."""
    service: str | None = None
    claim: str | None = None
    """Its size, class and access mode stay as they are."""

    def pod_selector(self, endpoint: str) -> dict[str, str]:
        return dict(self.selector) or labels.selector(endpoint)

    def pod_labels(self, endpoint: str) -> dict[str, str]:
        return {**labels.labels(endpoint), **self.selector}


NOTHING = Adopted()


def taken_over(manifest: Manifest) -> Manifest:
    """`manifest` of an object that exists: applied as its sole owner."""
    metadata = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), FIELD_MANAGER_ANNOTATION: FIELD_MANAGER}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
