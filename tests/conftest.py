"""For all tests: property tests without time limits. For the engine tier: a control plane of the session's own."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nim_sandbox.control_plane import ControlPlane

# How long one example takes says what else the machine does.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[ControlPlane]":
    """Running, with no nodes yet. Provides the programs first, and fails where they cannot be provided."""
    from nim_sandbox.control_plane import ControlPlane  # noqa: PLC0415 - the other tiers do without the sandbox
    from nim_sandbox.tools import provide  # noqa: PLC0415 - as above

    provide(print)
    plane = ControlPlane(tmp_path_factory.mktemp("control-plane") / "session")
    plane.start()
    yield plane
    plane.stop()
