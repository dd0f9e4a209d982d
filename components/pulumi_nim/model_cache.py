"""Disk for the weights of one profile, filled before anything reads it; and the disks that it followed."""

import dataclasses
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim import jobs
from pulumi_nim.adopted import taken_over
from pulumi_nim.cache_size import AccessMode, Claim
from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.manifests.claim import claim
from pulumi_nim.manifests.download import download_task
from pulumi_nim.manifests.pod import Workload


@dataclass(frozen=True, kw_only=True)
class Download:
    """A Job that fills the claim, with the profile's id."""

    workload: Workload
    """Image, nodes and credentials."""
    seconds: int
    """How long one download may take."""
    after: tuple[pulumi.Resource, ...] = ()
    """What the Job waits for beside the claim, such as its nodes."""


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
    download: Download | None = None
    """None: whoever mounts the claim downloads what it lacks."""
    kept: tuple[Claim, ...] = ()
    """Claims of this endpoint that nothing mounts, for a way back. What leaves the list is deleted."""


class ModelCache(pulumi.ComponentResource):
    """A claim that outlives the services that read it: dropping it from the program leaves it in the cluster.

    Whoever depends on the component finds the claim filled, where there is a download.
    """

    claim_name: pulumi.Output[str]

    def __init__(self, name: str, args: ModelCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:storage:ModelCache", name, None, opts)
        # Each claim is a resource of its own, so that the one in use and one that is kept can change places. The alias
        # goes when every stack has been updated once.
        current = pulumi.ResourceOptions(
            parent=self,
            protect=args.protect,
            retain_on_delete=True,
            aliases=[pulumi.Alias(name=name)],
            ignore_changes=["spec", "metadata.finalizers"] if args.adopted else None,
        )
        one = Claim(args.claim_name, args.size_bytes, args.access_mode)
        resource = self._claim(one, args, current, adopted=args.adopted)
        for former in args.kept:
            # Its size was settled when it was made.
            self._claim(former, args, pulumi.ResourceOptions(parent=self, ignore_changes=["spec"]))
        if args.download is not None:
            workload = dataclasses.replace(args.download.workload, claim_name=args.claim_name)
            after = pulumi.ResourceOptions(parent=self, depends_on=[resource, *args.download.after])
            jobs.run(workload, download_task(workload, args.download.seconds), after)
        self.claim_name = resource.metadata.apply(lambda metadata: str(metadata.name))
        self.register_outputs({})

    def _claim(
        self, one: Claim, args: ModelCacheArgs, opts: pulumi.ResourceOptions, *, adopted: bool = False
    ) -> k8s.core.v1.PersistentVolumeClaim:
        manifest = claim(args.endpoint, one, args.namespace, args.storage_class)
        manifest = taken_over(manifest) if adopted else manifest
        return from_manifest(k8s.core.v1.PersistentVolumeClaim, one.name, manifest, opts)
