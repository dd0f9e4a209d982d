"""docs/components.md is true: its program runs, and makes what the program of this project makes of the same."""

import re
from dataclasses import replace
from pathlib import Path

import pulumi
import pytest

import pulumi_nim
from nim_profiles.lock import Lock
from stacks.deploy import deploy
from stacks.planning import make_plan
from stacks.selected import ROOT
from tests.recording import Recording, Registered, record

PAGE = (ROOT / "docs/components.md").read_text(encoding="utf-8")
(PROGRAM,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PROVIDER, NAMESPACE = "pulumi:providers:kubernetes", "kubernetes:core/v1:Namespace"
RAW = {
    "cluster": {"context": "mine"},
    "namespace": "models",
    "ngcApiKey": {"secure": "v1:made-up"},
    "caches": {"protect": True},
    "pools": {"l40s": {"back_end": "existing", "gpu": "NVIDIA-L40S"}},
    "endpoints": {
        "llama-8b": {
            "image": "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"
            "@sha256:31e360dbb15f825d69e5d68c2032e334301523b4957091270385ed7ef3db5e81",
            "profile": "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73",
            "pool": "l40s",
            "replicas": 2,
            "rollout": "drain",
            "check": False,
        }
    },
}


def documented() -> Recording:
    return record(lambda: exec(compile(PROGRAM, "docs/components.md", "exec"), {}))  # noqa: S102 - our own page


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    pulumi.runtime.set_config("nim:ngcApiKey", "nvapi-made-up")


def test_the_page_names_every_component() -> None:
    components = {
        name
        for name in pulumi_nim.__all__
        if isinstance(found := getattr(pulumi_nim, name), type) and issubclass(found, pulumi.ComponentResource)
    }
    assert {*re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)} == components


def plain(made: Recording) -> list[Registered]:
    """Without what the page leaves to its reader: a provider, and a namespace that the same program makes."""
    left = (PROVIDER, NAMESPACE)
    resources = [
        replace(one, provider="", depends_on=tuple(on for on in one.depends_on if not on.startswith(left)))
        for one in made.resources
        if one.type not in left
    ]
    return sorted(resources, key=lambda one: (one.type, one.name))


def test_its_program_makes_what_a_stack_file_makes_of_the_same() -> None:
    plan = make_plan(RAW, Lock.read(ROOT / "stacks/nim.lock.yaml"), Path("stacks"), stack="test", file="test")
    assert plain(documented()) == plain(record(lambda: deploy(plan)))


def test_a_profile_that_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.components.test_components_docs.PROGRAM", PROGRAM.replace("NVIDIA-L40S", "NVIDIA-L4"))
    with pytest.raises(pulumi.RunError, match=r"on L4: low memory.*add --max-model-len=74752"):
        documented()
