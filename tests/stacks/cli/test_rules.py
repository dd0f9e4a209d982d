"""`make up` asks a preview for broken rules first. That nothing is made then is shown in engine/test_policy.py."""

from dataclasses import replace
from typing import Literal

import pytest

from stacks.cli import engine
from stacks.cli.rules import obeyed
from stacks.preflight import planned
from stacks.report import EnginePreview
from stacks.selected import ROOT
from stacks.settings import Policy
from tests.policy.samples import budget, server

LOUD = server(env={"NIM_DISABLE_LOG_REQUESTS": "0"})
TOLD = "request-logs: llama: NIM_DISABLE_LOG_REQUESTS=0 writes what users write to the log"


def asked(
    monkeypatch: pytest.MonkeyPatch, *errors: str, level: Literal["mandatory", "advisory", "disabled"] = "mandatory"
) -> bool:
    """Of a preview with one server that logs requests."""
    plan = replace(planned(ROOT, "local", preview=True), policy=Policy(levels={"request-logs": level}))
    found = EnginePreview(
        resources={one.urn: one for one in (LOUD, budget())}, owners={}, changes=(), outputs={}, errors=errors
    )
    monkeypatch.setattr(engine, "preview", lambda *_, **__: found)
    return obeyed(plan)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_a_mandatory_rule_that_is_broken_stops_an_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not asked(monkeypatch)
    assert f"mandatory: {TOLD}" in told(capsys)


def test_advice_is_told_and_stops_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(monkeypatch, level="advisory")
    assert f"advisory: {TOLD}" in told(capsys)


def test_a_preview_that_fails_stops_an_up_with_the_engines_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not asked(monkeypatch, "the server refuses it", level="disabled")
    assert told(capsys) == "the server refuses it"
