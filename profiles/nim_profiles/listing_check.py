"""What an image lists, beside what was locked of it."""

from collections.abc import Iterator

from nim_profiles.listing import Listing
from nim_profiles.locked_image import LockedImage


def listing_differences(listing: Listing, image: LockedImage) -> tuple[str, ...]:
    """Clauses whose subject is the image, in the order of ids; empty where both have the same profiles.

    Which of them run says nothing here: a listing without GPUs calls all of them incompatible.
    """
    return tuple(_differences(listing, image))


def _differences(listing: Listing, image: LockedImage) -> Iterator[str]:
    listed = {profile.id: profile.name for profile in listing.profiles}
    locked = {row.id: row.name for row in image.rows}
    for identifier in sorted(listed.keys() | locked.keys()):
        if identifier not in locked:
            yield f"lists {identifier} ({listed[identifier]}), which the lock file does not have"
        elif identifier not in listed:
            yield f"does not list {identifier} ({locked[identifier]}), which the lock file has"
        elif listed[identifier].lower() != locked[identifier].lower():
            yield f"calls {identifier} {listed[identifier]}, and the lock file {locked[identifier]}"
