"""What images list of their own profiles in a running cluster, beside what the lock file has of them. Read only."""

from lightkube import ApiError, Client
from lightkube.resources.core_v1 import Pod

from nim_profiles.listing import BadListing, parse_listing
from nim_profiles.listing_check import listing_differences
from nim_profiles.locked_image import LockedImage
from pulumi_nim.labels import job_labels
from pulumi_nim.manifests.profile_listing import PURPOSE


class NoListing(Exception):
    """Nothing was listed, or nothing can be read of it; says why."""


def logged(api: Client, namespace: str, endpoint: str) -> str:
    """The log of the pod that listed last. Raises NoListing."""
    pods = [
        (pod.metadata.creationTimestamp, pod.metadata.name)
        for pod in api.list(Pod, namespace=namespace, labels={**job_labels(endpoint, PURPOSE)})
        if pod.metadata and pod.metadata.name and pod.metadata.creationTimestamp
        if pod.status and pod.status.phase == "Succeeded"
    ]
    if not pods:
        raise NoListing("no pod has listed them; set list_profiles: true, and bring the stack up")
    _, name = max(pods)
    try:
        return "".join(api.log(name, namespace=namespace))
    except ApiError as error:
        raise NoListing(f"the log of pod {name} cannot be read: {error.status.message}") from None


def told(endpoint: str, image: str, log: str, locked: LockedImage) -> tuple[tuple[str, ...], bool]:
    """Lines for people, and whether both have the same profiles. Raises NoListing."""
    try:
        listing = parse_listing(log)
    except BadListing as error:
        raise NoListing(str(error)) from None
    differences = listing_differences(listing, locked)
    if not differences:
        return (f"{endpoint}: {image} lists {len(listing.profiles)} profiles, as the lock file does",), True
    return tuple(f"{endpoint}: {image} {difference}" for difference in differences), False
