"""All images that this project makes itself, by reference."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from nim_profiles.manifest import Manifest
from nim_profiles.stack_wants import NOT_BUILT
from nim_sandbox.cache import Cache
from nim_sandbox.images import base, nim, vllm
from nim_sandbox.images.layout import digest_of
from nim_sandbox.images.lock import lock_images
from nim_sandbox.images.recipe import Recipe, Report


class NoSuchImage(LookupError):
    """A reference that nothing here builds."""


@cache
def _known() -> Mapping[str, tuple[Recipe, Manifest]]:
    nims = {nim.REFERENCES[number]: (nim.recipe(number), nim.manifest(number)) for number in nim.REFERENCES}
    return {**nims, vllm.REFERENCE: (vllm.recipe(), vllm.manifest())}


def recipes() -> tuple[Recipe, ...]:
    """Of all images, with the one that they lie on."""
    return (base.recipe(), *(recipe for recipe, _ in _known().values()))


def references() -> tuple[str, ...]:
    return tuple(sorted(_known()))


def provide(wanted: Iterable[str], home: Path, report: Report) -> dict[str, Path]:
    """The image layout of each reference, built where it is missing; and their entries in `home`/images.lock.yaml.

    Raises NoSuchImage or BuildFailed.
    """
    asked = _checked(wanted)
    layouts = {reference: _known()[reference][0].layout(Cache.of(), report) for reference in asked}
    _lock(home, {reference: digest_of(layout) for reference, layout in layouts.items()})
    return layouts


def describe(wanted: Iterable[str], home: Path) -> dict[str, str]:
    """Digest of each reference, NOT_BUILT where it is missing, for nothing is built; and their entries, as above.

    Raises NoSuchImage.
    """
    built = {reference: _known()[reference][0].built(Cache.of()) for reference in _checked(wanted)}
    digests = {reference: NOT_BUILT if layout is None else digest_of(layout) for reference, layout in built.items()}
    _lock(home, digests)
    return digests


def _lock(home: Path, digests: Mapping[str, str]) -> None:
    lock_images(home, digests, {reference: _known()[reference][1] for reference in digests})


def _checked(wanted: Iterable[str]) -> list[str]:
    asked = sorted(set(wanted))
    if strange := [reference for reference in asked if reference not in _known()]:
        raise NoSuchImage(f"{', '.join(strange)}: nothing here builds that; there are {', '.join(references())}")
    return asked
