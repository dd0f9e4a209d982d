"""Disk for the weights of one profile."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim.adopted import taken_over
from pulumi_nim.cache_size import AccessMode
from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.manifests.claim import claim


@dataclass(frozen=True, kw_only=True)
class ModelCacheArgs:
    endpoint: str
    namespace: pulumi.Input[str]
    claim_name: str
    """Fixed, and named by content (`cache_size.claim_name`): what was kept is found again."""
    size_bytes: int
    access_mode: AccessMode
    storage_class: str | None = None
    """None: the cluster's default."""
    adopted: bool = False
    """Whether the claim was there before the program: then its size, class and access mode are not touched."""
    protect: bool = True
    """Refuse to delete the claim, even by `pulumi destroy`, until this is lifted."""


class ModelCache(pulumi.ComponentResource):
    """A claim that outlives the services that read it: dropping it from the program leaves it in the cluster."""

    claim_name: pulumi.Output[str]

    def __init__(self, name: str, args: ModelCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:storage:ModelCache", name, None, opts)
        manifest = claim(
            args.endpoint, args.claim_name, args.namespace, args.size_bytes, args.access_mode, args.storage_class
        )
        kept = pulumi.ResourceOptions(
            parent=self,
            protect=args.protect,
            retain_on_delete=True,
            ignore_changes=["spec", "metadata.finalizers"] if args.adopted else None,
        )
        manifest = taken_over(manifest) if args.adopted else manifest
        resource = from_manifest(k8s.core.v1.PersistentVolumeClaim, name, manifest, kept)
        self.claim_name = resource.metadata.apply(lambda metadata: str(metadata.name))
        self.register_outputs({})
