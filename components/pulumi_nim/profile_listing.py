"""What an image says of its own profiles."""

from dataclasses import dataclass

import pulumi

from pulumi_nim import jobs
from pulumi_nim.manifests.pod import Workload
from pulumi_nim.manifests.profile_listing import listing_task


@dataclass(frozen=True, kw_only=True)
class ProfileListingArgs:
    workload: Workload
    """Image, nodes and credentials; nothing of it is changed."""
    after: tuple[pulumi.Resource, ...] = ()
    """What the Job waits for, such as its nodes."""


class ProfileListing(pulumi.ComponentResource):
    """A Job that runs `list-model-profiles` in the image. Reads no cluster: the listing is the log of its pod."""

    def __init__(self, name: str, args: ProfileListingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("nim:inspection:ProfileListing", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[*args.after])
        jobs.run(args.workload, listing_task(args.workload), child)
        self.register_outputs({})
