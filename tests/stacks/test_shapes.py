"""What each shape of endpoint puts into the cluster: the pinned one whole, the others as they differ from it."""

import difflib

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.stacks.shapes import SHAPES, rendered


def test_snapshot_of_the_pinned_shape(snapshot: SnapshotAssertion) -> None:
    assert rendered("pinned") == snapshot


OTHERWISE = ("pinned", "several-nodes")
"""The first is above; the second has snapshots of its own, tests/components/manifests/test_leader_worker_set.py."""


@pytest.mark.parametrize("shape", [name for name in SHAPES if name not in OTHERWISE])
def test_snapshot_of_what_a_shape_changes(shape: str, snapshot: SnapshotAssertion) -> None:
    lines = difflib.unified_diff(rendered("pinned").splitlines(), rendered(shape).splitlines(), lineterm="", n=1)
    assert "\n".join(lines) == snapshot
