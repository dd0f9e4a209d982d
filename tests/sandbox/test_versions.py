import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from nim_sandbox.aws_plugin import servicer as aws_plugin
from nim_sandbox.extras import EXTRAS
from nim_sandbox.kubernetes_plugin import servicer as kubernetes_plugin
from nim_sandbox.language_plugin import runtime as language_plugin
from nim_sandbox.versions import TOOLS_FOLDER, Program, version_table

ROOT = Path(__file__).parents[2]
PROGRAMS = list(version_table().programs.values())


def pinned(project: Path, package: str) -> str:
    dependencies: list[str] = tomllib.loads(project.read_text())["project"]["dependencies"]
    return next(d.removeprefix(f"{package}==") for d in dependencies if d.startswith(f"{package}=="))


@pytest.mark.parametrize("project", ["pyproject.toml", "sandbox/pyproject.toml"])
def test_the_pulumi_cli_and_its_sdk_have_one_version(project: str) -> None:
    assert version_table().programs["pulumi"].version == pinned(ROOT / project, "pulumi")


@pytest.mark.parametrize(
    ("said", "project", "package"),
    [
        (language_plugin.VERSION, "pyproject.toml", "pulumi"),
        (kubernetes_plugin.Servicer.version, "components/pyproject.toml", "pulumi-kubernetes"),
        (aws_plugin.Servicer.version, "components/pyproject.toml", "pulumi-aws"),
    ],
)
def test_a_stand_in_says_the_version_of_the_sdk_that_it_answers(said: str, project: str, package: str) -> None:
    assert said == pinned(ROOT / project, package)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_every_program_is_accepted_at_the_version_that_we_build(program: Program) -> None:
    assert any(program.version.startswith(prefix) for prefix in program.accepts)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_every_go_mod_builds_the_version_that_the_table_names(program: Program) -> None:
    text = (TOOLS_FOLDER / program.folder / "go.mod").read_text()
    if program.name == "nim-pause":  # ours, and of Go alone
        assert "require" not in text
        return
    package = "go.etcd.io/etcd/server" if program.package == "." else program.package
    modules = "|".join(re.escape(package.rsplit("/", parts)[0]) for parts in range(package.count("/")))
    assert re.search(rf"^\s+({modules})(/v\d+)? v{re.escape(program.version)}\b", text, re.MULTILINE)
    assert (TOOLS_FOLDER / program.folder / "go.sum").exists()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_a_download_never_comes_without_checksums(program: Program) -> None:
    assert (program.download is None) == (program.checksums is None)


def test_a_program_on_demand_names_an_extra_that_exists() -> None:
    assert {program.on_demand for program in PROGRAMS} <= {None, *EXTRAS}


def test_an_extra_needs_its_own_programs_and_the_sandbox_itself_needs_no_extra() -> None:
    etcd = version_table().programs["etcd"]
    table = replace(version_table(), programs={"etcd": etcd, "more": replace(etcd, name="more", on_demand="aws")})
    assert (table.needed_by(None), table.needed_by("aws")) == (("etcd",), ("more",))
    assert (table.needed_by(None, "aws"), table.needed_by()) == (("etcd", "more"), ())


def test_the_kubernetes_programs_have_one_version() -> None:
    assert len({p.version for p in PROGRAMS if p.folder == "kubernetes"}) == 1
