"""Rules for every instance that AWS starts for us, whoever asks for it: a managed node group or Karpenter.

Sources: botocore 1.44.5 (lengths and patterns), EKS user guide. Read 2026-11-21.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

TAG_COUNT = 50
OWN_TAG = "Name"
"""That every instance gets from us."""
_CLUSTER_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
_PREFIXES = {"subnets": "subnet", "security_group_ids": "sg", "reservation_id": "cr", "reservation_ids": "cr"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that AWS would not take."""

    field: str
    """Of EksNodeGroup or KarpenterNodes."""
    text: str
    """What was found and what to write, as the end of a sentence that begins with the field."""


def cluster_name_faults(name: str) -> Iterator[Fault]:
    if not _CLUSTER_NAME.fullmatch(name):
        rule = "write up to 100 letters, digits, '-' and '_', a letter or digit first"
        yield Fault("cluster_name", f"found {name!r}, which is no name of an EKS cluster; {rule}")


def id_faults(field: str, ids: Iterable[str]) -> Iterator[Fault]:
    prefix = _PREFIXES[field]
    for one in ids:
        if not re.fullmatch(rf"{prefix}-[0-9a-f]{{8,17}}", one):
            yield Fault(field, f"found {one!r}, which is no AWS id; write {prefix}-<8 to 17 hex characters>")


def names_a_zone(region: str, zone: str) -> bool:
    """`us-east-1a`, where the zone's id should stand: such a name means another zone in every account."""
    return re.fullmatch(f"{re.escape(region)}[a-z]", zone) is not None


def zone_name_faults(region: str, subnets: Mapping[str, str]) -> Iterator[Fault]:
    """`subnets`: zone by subnet id."""
    for subnet, zone in sorted(subnets.items()):
        if names_a_zone(region, zone):
            why = "a zone's name, which means another zone in every account"
            yield Fault("subnets", f"found {subnet} in {zone}, {why}; write the zone's id, such as use1-az1")


def disk_faults(root_disk_gib: int, most_gib: int = 65_536) -> Iterator[Fault]:
    """AWS's own limit of gp3, where nobody has a lower one. 20 GiB hold the operating system."""
    if not 20 <= root_disk_gib <= most_gib:
        yield Fault("root_disk_gib", f"found {root_disk_gib}; write 20 to {most_gib}, the limits of gp3")


def tag_faults(tags: Mapping[str, str]) -> Iterator[Fault]:
    if len({*tags, OWN_TAG}) > TAG_COUNT:
        yield Fault("tags", f"found {len(tags)} of them; AWS takes {TAG_COUNT}, and {OWN_TAG} is one, the pool's")
    for key, value in sorted(tags.items()):
        if key.lower().startswith("aws:"):
            yield Fault("tags", f"found {key!r}; the prefix aws: is AWS's own")
        if not 1 <= len(key) <= 128 or len(value) > 256:
            yield Fault("tags", f"found {key!r} = {value!r}; a key has 1 to 128 characters, a value at most 256")


def all_of(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"
