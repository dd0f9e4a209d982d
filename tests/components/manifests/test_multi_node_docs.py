"""docs/multi-node.md says what is made."""

import re
from pathlib import Path
from typing import Any

from nim_profiles.instance import instance_type
from pulumi_nim.manifests.group import Group, Runtime
from pulumi_nim.manifests.leader_worker_set import leader_worker_set
from tests.components.samples import profile, workload

TEXT = (Path(__file__).parents[3] / "docs/multi-node.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(spec\.[^`]+)` \| `([^`]+)` \|", TEXT, re.MULTILINE)
GROUP = Group(size=2, runtime=Runtime.RAY, efa_interfaces=instance_type("p5.48xlarge").efa_interfaces)
MANIFEST = leader_worker_set(workload(profile=profile(8, 2), replicas=2, group=GROUP), GROUP)


def value(path: str) -> str:
    """As the page writes it: lists as words. Dots within a key are part of it."""
    found: Any = MANIFEST  # Any: JSON
    rest = path
    while rest:
        key = next(one for one in _keys(found) if rest == one or rest.startswith(f"{one}."))
        found, rest = found[int(key) if isinstance(found, list) else key], rest[len(key) + 1 :]
    return " ".join(found) if isinstance(found, list) else str(found)


def _keys(found: Any) -> list[str]:
    return [str(index) for index in range(len(found))] if isinstance(found, list) else list(found)


def test_every_field_on_the_page_is_the_one_that_is_made() -> None:
    assert len(ROWS) == 11
    assert {path: value(path) for path, _ in ROWS} == dict(ROWS)
