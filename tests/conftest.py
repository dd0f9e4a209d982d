"""Fixtures of the engine tier: a control plane of the test session's own, beside whatever else runs here."""

from collections.abc import Iterator

import pytest

from nim_sandbox.control_plane import ControlPlane
from nim_sandbox.tools import provide


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Running, with no nodes yet. Provides the programs first, and fails where they cannot be provided."""
    provide(print)
    plane = ControlPlane(tmp_path_factory.mktemp("control-plane") / "session")
    plane.start()
    yield plane
    plane.stop()
