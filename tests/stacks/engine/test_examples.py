"""Each example says what docs/examples.md shows, comes up, changes nothing when it is asked again, and goes cleanly."""

import re
from collections.abc import Iterator

import pytest
import yaml

from stacks.selected import ROOT
from tests.stacks.engine.conftest import Project, Result, checked_out
from tests.stacks.engine.test_lifecycle import changes
from tests.stacks.test_shipped import EXAMPLES

pytestmark = pytest.mark.engine

SANDBOX = "examples"
"""One for all of them: each gets a namespace of its own in it, since caches stay when an example goes."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with checked_out(tmp_path_factory, SANDBOX) as project:
        for example in EXAMPLES:
            path = project.root / f"stacks/Pulumi.{example}.yaml"
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            content["config"] |= {"nim:cluster": {"sandbox": SANDBOX}, "nim:namespace": example}
            path.write_text(yaml.safe_dump(content), encoding="utf-8")
        yield project


PAGE = ROOT / "docs/examples.md"
PLUGINS = re.compile(r"from \$PATH at|stand-in for the")


def run(project: Project, *words: str) -> Result:
    return project.run("nim-sandbox", "run", SANDBOX, "--", *words)


def said(preview: str) -> str:
    """What a preview says once it has listed the resources, without what tells of the plugins used here."""
    _, _, found = preview.partition("\nDiagnostics:\n")
    return "\n".join(line.rstrip() for line in found.splitlines() if not PLUGINS.search(line)).strip("\n")


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_preview_says_what_the_page_shows(project: Project, example: str, request: pytest.FixtureRequest) -> None:
    """`--snapshot-update` writes the page anew."""
    done = project.run("python", "-m", "stacks", "preview", example)
    assert done.code == 0, done.output
    section = re.compile(rf"(?<=\n## {example}\n).*?```text\n(.*?)```", re.DOTALL)
    page = PAGE.read_text(encoding="utf-8")
    shown = section.search(page)
    assert shown is not None
    if request.config.getoption("update_snapshots"):
        start, end = shown.span(1)
        PAGE.write_text(f"{page[:start]}{said(done.output)}\n{page[end:]}", encoding="utf-8")
    else:
        assert shown[1] == f"{said(done.output)}\n"


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_comes_up_stays_as_it_is_and_goes(project: Project, example: str) -> None:
    up = project.run("python", "-m", "stacks", "up", example)
    assert up.code == 0, up.output
    again = project.run("python", "-m", "stacks", "up", example)
    assert again.code == 0, again.output
    assert set(changes(again.output)) == {"unchanged"}
    destroyed = run(project, "pulumi", "destroy", "--yes", "--stack", example)
    assert destroyed.code == 0, destroyed.output
    kinds = "all,pvc,pdb,secrets,serviceaccounts,configmaps"
    left = run(project, "kubectl", "--namespace", example, "get", kinds, "--output", "name").output.split()
    kept = ["configmap/kube-root-ca.crt", "serviceaccount/default"]
    assert sorted(one for one in left if not one.startswith("persistentvolumeclaim/")) == kept
    assert run(project, "kubectl", "get", "nodes", "--output", "name", "--ignore-not-found").output == ""
