"""The stand-in under the real engine."""

from pathlib import Path

import pytest

from nim_sandbox.tools import provide
from tests.sandbox.pulumi_project import STACK, Project

pytestmark = pytest.mark.engine


@pytest.fixture
def project(tmp_path: Path) -> Project:
    provide(print, ["pulumi"])
    return Project.make(tmp_path / "project", tmp_path / "no-kubeconfig")


def program(project: Project, source: str) -> None:
    (project.folder / "program" / "__main__.py").write_text(source)


def test_a_program_sees_its_config_prints_and_exports(project: Project) -> None:
    project.pulumi("config", "set", "--secret", "key", "nvapi-secret", "-s", STACK)
    source = (
        "import sys, pulumi, helper\n"
        "key = pulumi.Config().require_secret('key')\n"
        "print('printed', helper.NAME)\n"
        "assert not [a for a in sys.argv if 'nvapi' in a]\n"
        "pulumi.export('length', key.apply(len))\n"
        "pulumi.export('dry', pulumi.runtime.is_dry_run())\n"
    )
    (project.folder / "program" / "helper.py").write_text("NAME = 'by helper'")
    program(project, source)
    assert "printed by helper" in project.preview().output
    up = project.up().output
    assert "nvapi-secret" not in up
    assert project.outputs()["dry"] is False
    project.destroy()


def test_a_run_error_shows_its_message_and_no_traceback(project: Project) -> None:
    program(project, "import pulumi\nraise pulumi.RunError('stacks/x.yaml: replicas is 0. Set it to 1 or more.')")
    output = project.preview(code=1).output
    assert "error: stacks/x.yaml: replicas is 0. Set it to 1 or more." in output
    assert "Traceback" not in output


def test_an_exception_shows_its_traceback_and_an_exit_code_is_told(project: Project) -> None:
    program(project, "raise ValueError('unexpected')")
    assert "ValueError: unexpected" in project.preview(code=1).output
    program(project, "import sys; sys.exit(7)")
    assert "exit code 7" in project.preview(code=1).output
