"""Making one image's part of the lock file from what was read: profiles, where from, and how much they download."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nim_profiles.locked_image import Download, LockedImage, LockedProfile, Origin, Shape
from nim_profiles.profile import Profile

BITS_PER_WEIGHT = {"fp16": 16.0, "bf16": 16.0, "fp8": 8.0, "mxfp4": 4.25, "nvfp4": 4.5, "int4": 4.15625}
"""With the scales: 8 bits for 32 weights in MXFP4, 8 for 16 in NVFP4, 20 for 128 in AWQ and GPTQ. Sources: OCP
Microscaling Formats 1.0; NVIDIA's description of NVFP4; the AWQ checkpoints that our memory model was fitted to."""

SECOND_COPY = "original/consolidated.00.pth"
"""BF16 workspaces of Llama hold the weights a second time under this name (seen in the manifest of 2.0.6)."""


@dataclass(frozen=True, slots=True)
class WeightCount:
    """To estimate a download from where the manifest states no sizes."""

    parameters: int
    sixteen_bit: int = 0
    """Of these parameters, those that stay at 16 bit whatever the precision: embeddings and the output layer."""


@dataclass(frozen=True, slots=True)
class StatedDownload:
    """Bytes by precision that somebody else published, and who."""

    bytes_by_precision: Mapping[str, int]
    basis: str


def locked_image(
    profiles: Sequence[Profile],
    origin: Origin,
    digest: str,
    *,
    model: str | None = None,
    release: str | None = None,
    shape: Shape | None = None,
    digest_source: str | None = None,
    weights: WeightCount | None = None,
    stated: StatedDownload | None = None,
    before: LockedImage | None = None,
) -> LockedImage:
    """`before` is what stood there: its shape, and downloads of unchanged profiles, stay where nothing new is said."""
    kept = {} if before is None else {(row.id, row.workspace_hash): row.download for row in before.rows}
    rows = tuple(
        LockedProfile(
            id=profile.id,
            name=profile.name,
            tags=dict(profile.tags),
            tags_complete=profile.tags_complete,
            workspace_hash=profile.workspace_hash,
            download=download_of(profile, weights, stated) or kept.get((profile.id, profile.workspace_hash)),
        )
        for profile in profiles
    )
    if before is not None:
        shape = shape or before.shape
        digest_source = digest_source or (before.digest_source if before.digest == digest else None)
        model, release = model or before.model, release or before.release
    return LockedImage(
        digest=digest,
        digest_source=digest_source,
        source=origin,
        model=model,
        release=release,
        shape=shape,
        profiles=rows,
    )


def download_of(profile: Profile, weights: WeightCount | None, stated: StatedDownload | None) -> Download | None:
    """Summed sizes first, then what somebody published, then parameters times bits; None where nothing is known."""
    precision = (profile.precision or "").lower()
    if profile.download_bytes is not None:
        return Download(bytes=profile.download_bytes, estimated=False, basis="sum of the sizes in the manifest")
    if stated is not None and precision in stated.bytes_by_precision:
        return Download(bytes=stated.bytes_by_precision[precision], estimated=True, basis=stated.basis)
    if weights is None or precision not in BITS_PER_WEIGHT:
        return None
    bits = BITS_PER_WEIGHT[precision]
    size_bytes = int((weights.parameters - weights.sixteen_bit) * bits / 8) + weights.sixteen_bit * 2
    basis = f"{weights.parameters} parameters at {bits:g} bits"
    if weights.sixteen_bit and bits != 16:
        basis += f", {weights.sixteen_bit} of them at 16"
    if any(artifact.path == SECOND_COPY for artifact in profile.artifacts):
        size_bytes, basis = 2 * size_bytes, f"{basis}, twice: the workspace also holds {SECOND_COPY}"
    return Download(bytes=size_bytes, estimated=True, basis=f"{basis}; weights only")
