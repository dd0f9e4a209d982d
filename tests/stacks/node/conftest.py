"""One running stack `real` for all tests of this folder: its start takes longer than any of them."""

from collections.abc import Iterator

import pytest

from tests.sandbox.node.traces import traces
from tests.stacks.engine.conftest import Project, checked_out
from tests.stacks.node.real_stack import STACK, up


@pytest.fixture(scope="package")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with checked_out(tmp_path_factory, STACK) as made:
        yield made


@pytest.fixture(scope="package")
def before(project: Project) -> dict[str, set[str]]:
    """What the machine was like."""
    return traces(project.sandbox)


@pytest.fixture(scope="package")
def first_up(project: Project, before: dict[str, set[str]]) -> str:
    """Its output."""
    assert not before["sandbox"]
    done = up(project)
    assert done[0] == 0, done[1]
    return done[1]


@pytest.fixture(scope="package")
def running(project: Project, first_up: str) -> Project:
    assert "serves profile" in first_up
    return project
