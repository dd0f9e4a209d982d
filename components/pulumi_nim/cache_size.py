"""How large and how shared the cache of one profile's weights must be, and what its claim is called."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from nim_profiles.profile import Profile
from nim_profiles.units import GIB


class AccessMode(StrEnum):
    """Who may mount a claim at once, in Kubernetes' words."""

    ONE_NODE = "ReadWriteOnce"
    MANY_NODES = "ReadWriteMany"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim for the weights of one profile."""

    name: str
    size_bytes: int
    access_mode: AccessMode


HEADROOM = 1.2
"""Factor over the artifacts: temporary files while downloading, tokenizer, compiled kernels, file system overhead.
Ours; NIM's documentation gives only totals per model."""
FLOOR_BYTES = 10 * GIB
"""Room for compilation caches of small models."""


def cache_size_bytes(download_bytes: int) -> int:
    """Size of the claim, in whole GiB."""
    return -(-max(int(download_bytes * HEADROOM), FLOOR_BYTES) // GIB) * GIB


def access_mode(pods: int, node_count: int | None) -> AccessMode:
    """ReadWriteMany as soon as pods may land on two nodes. `node_count` None: nobody knows how many there are."""
    return AccessMode.MANY_NODES if pods > 1 and node_count != 1 else AccessMode.ONE_NODE


def claim_name(
    endpoint: str, repository: str, profile: Profile, access_mode: AccessMode, storage_class: str | None
) -> str:
    """Named by content: another model or other weights get another claim, and a claim that was kept is found again.

    So does what no claim can change: access beyond one node, and a storage class other than the cluster's default.
    """
    weights = profile.workspace_hash or profile.id
    beyond = [access_mode.value] if access_mode is AccessMode.MANY_NODES else []
    content = "|".join([repository, weights, *beyond, *([storage_class] if storage_class else [])])
    return f"{endpoint}-cache-{hashlib.sha256(content.encode()).hexdigest()[:10]}"
