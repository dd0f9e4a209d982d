"""The caches of an endpoint: which it has had, which are kept for a way back, and what fills the one in use."""

import dataclasses
import difflib
from collections.abc import Iterator, Mapping

from nim_profiles.lock import Lock
from nim_profiles.profile import Profile
from nim_profiles.units import GIB
from pulumi_nim.cache_size import AccessMode, Claim, cache_size_bytes, claim_name
from pulumi_nim.images import Image
from pulumi_nim.start_up import Rates, download_seconds
from stacks.choosing import Choice
from stacks.settings import Endpoint, Settings

OWN_WEIGHTS = frozenset({"NIM_DISABLE_MODEL_DOWNLOAD", "NIM_MODEL_PATH", "NIM_MODEL_NAME", "NIM_FT_MODEL"})
"""Variables by which an endpoint brings weights that are not the profile's."""


def claim_of(name: str, endpoint: Endpoint, profile: Profile, access: AccessMode, settings: Settings) -> Claim:
    """The one in use, under its own name where it was there before.

    A lock entry without sizes leaves the floor of the cache, and `cache_gib` to say more.
    """
    repository = Image.parse(endpoint.image).repository
    claim = _claim(name, endpoint, repository, profile, access, settings)
    return claim if endpoint.adopt.claim is None else dataclasses.replace(claim, name=endpoint.adopt.claim)


def kept_claims(name: str, settings: Settings, lock: Lock) -> tuple[Claim, ...]:
    """Those that `keep_caches` names and that there can be."""
    known = _known(name, settings, lock)
    return tuple(known[one] for one in sorted({*settings.endpoints[name].keep_caches} & known.keys()))


def cache_faults(name: str, current: str, settings: Settings, lock: Lock) -> Iterator[str]:
    """What is wrong with `keep_caches`, one problem a name."""
    known = _known(name, settings, lock)
    for one in settings.endpoints[name].keep_caches:
        if one == current:
            yield f"found {one}, which is the cache in use; leave it out"
        elif one not in known:
            near = difflib.get_close_matches(one, known, n=1, cutoff=0.8)
            hint = f"nearest: {near[0]}" if near else "`make status` and `kubectl get pvc` show names"
            yield f"found {one}, which is no cache of this endpoint for any profile of the lock file; {hint}"


def fill_seconds(endpoint: Endpoint, choice: Choice, claim: Claim, settings: Settings, rates: Rates) -> int | None:
    """How long the Job that fills the claim may download; None where there is none.

    There is none where the container chooses its profile: `download-to-cache` without an id would choose by the GPUs.
    """
    if not settings.caches.download or choice.loose or OWN_WEIGHTS & endpoint.env.keys():
        return None
    # Where nobody says how much it is, no more than the claim holds.
    return download_seconds(choice.profile.download_bytes or claim.size_bytes, rates)


def _known(name: str, settings: Settings, lock: Lock) -> Mapping[str, Claim]:
    """By name, whatever this endpoint can have mounted."""
    endpoint = settings.endpoints[name]
    claims = (
        _claim(name, endpoint, reference.rpartition(":")[0], profile, access, settings)
        for reference, image in lock.images.items()
        for profile in image.profiles
        for access in AccessMode
    )
    return {claim.name: claim for claim in claims}


def _claim(
    name: str, endpoint: Endpoint, repository: str, profile: Profile, access: AccessMode, settings: Settings
) -> Claim:
    return Claim(
        claim_name(name, repository, profile, access, settings.caches.storage_class),
        endpoint.cache_gib * GIB if endpoint.cache_gib else cache_size_bytes(profile.download_bytes or 0),
        access,
    )
