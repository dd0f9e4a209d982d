"""Listings: what `list-model-profiles` prints, in every version, with the log around it.

A listing says what a container on one machine thinks of each profile; it holds ids and names, not tags and sizes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nim_profiles.listed_profile import (
    BULLET,
    LOOKS_LIKE_A_PROFILE,
    BadListing,
    ListedProfile,
    Status,
    joined,
    read_row,
)
from nim_profiles.listing_lines import is_log_line, plain_lines
from nim_profiles.profile import Profile

__all__ = ["BadListing", "ListedGpu", "ListedProfile", "Listing", "Status", "parse_listing"]

SIZE_LIMIT = 16 * 1024 * 1024
"""Characters; a start log of hours has less."""


@dataclass(frozen=True, slots=True)
class ListedGpu:
    """A GPU that the container saw."""

    device: str
    """PCI ids, `<device>:<vendor>`."""
    index: int
    name: str
    free: bool
    utilization_percent: float | None
    """None where the driver does not say."""


@dataclass(frozen=True, slots=True)
class Listing:
    rows: tuple[ListedProfile, ...]
    """In the order of the text; a profile that two groups list has two rows."""
    gpus: tuple[ListedGpu, ...] = ()
    unparsed: tuple[str, ...] = ()
    """Lines that look like a profile, but are not."""

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Each id once, as first listed, without the abbreviated ones."""
        first: dict[str, ListedProfile] = {}
        for row in self.rows:
            if not row.abbreviated:
                first.setdefault(row.id, row)
        return tuple(row.profile() for row in first.values())


_GPU = re.compile(
    rf"{BULLET}\[(?P<device>[0-9a-f]{{4}}:[0-9a-f]{{4}})\]\s*\((?P<index>\d{{1,4}})\)\s*"
    r"(?P<name>[^\[\s](?:[^\[]*[^\[\s])?)\s*"
    r"(?:\[current utilization:\s*(?:(?P<used>\d{1,3}(?:\.\d{1,6})?)|[^\]%]{0,20})%?\])?",
    re.IGNORECASE | re.ASCII,
)
_HEADING = re.compile(
    rf"{BULLET}(?:\w+\s+){{0,2}}(?:in)?(?:compatible|compilable|runnable|buildable|low memory)\b.{{0,200}}",
    re.IGNORECASE,
)
_LORA_HEADING = re.compile(rf"{BULLET}with(?:\s+\w+)?\s+lora\b[^.]{{0,40}}", re.IGNORECASE)
_START = re.compile(rf"{BULLET}(?:model|available|supported)\s+profiles\b.{{0,40}}", re.IGNORECASE)
_GPU_HEADING = re.compile(rf"{BULLET}(?P<non>non-)?free gpus\b.{{0,40}}", re.IGNORECASE)
_STATUS_WORDS = (
    (Status.INCOMPATIBLE, re.compile(r"incompatible|\bnot compatible")),
    (Status.BUILDABLE, re.compile(r"compilable|buildable|just-in-time")),
    (Status.LOW_MEMORY, re.compile(r"\blow(?:er)?\b.*memory|memory.*\blow\b|cannot|\bnot\b|insufficient|too little")),
    (Status.COMPATIBLE, re.compile(r"compatible|runnable")),
)


def parse_listing(text: str) -> Listing:
    """Raises BadListing where there is neither a profile nor a heading, and for a text beyond SIZE_LIMIT."""
    if len(text) > SIZE_LIMIT:
        raise BadListing(f"{len(text)} characters, and at most {SIZE_LIMIT} are read: is this a profile listing?")
    rows: list[ListedProfile] = []
    unparsed: list[str] = []
    status, lora, recognised = Status.UNKNOWN, False, False
    lines = list(joined(plain_lines(text)))
    for line in lines:
        if row := read_row(line, status, lora=lora):
            rows.append(row)
        elif is_log_line(line):
            continue
        elif LOOKS_LIKE_A_PROFILE.match(line):
            unparsed.append(line)
        elif _LORA_HEADING.fullmatch(line):
            lora = True
        elif (group := _group(line)) is not None:
            status, lora, recognised = group, False, True
    if not (rows or unparsed or recognised):
        raise BadListing("no profile, no group of profiles, no MODEL PROFILES: no output of list-model-profiles")
    return Listing(tuple(rows), tuple(_gpus(lines)), tuple(unparsed))


def _group(line: str) -> Status | None:
    """What a heading says of the profiles below it; None for a line that is no such heading."""
    if _START.fullmatch(line):
        return Status.UNKNOWN
    if not _HEADING.fullmatch(line):
        return None
    return next((group for group, words in _STATUS_WORDS if words.search(line.lower())), None)


def _gpus(lines: Iterable[str]) -> Iterator[ListedGpu]:
    free = True
    for line in lines:
        if heading := _GPU_HEADING.fullmatch(line):
            free = heading["non"] is None
        elif found := _GPU.fullmatch(line):
            used = None if found["used"] is None else float(found["used"])
            yield ListedGpu(found["device"].lower(), int(found["index"]), found["name"], free, used)
