"""`make place`: the cheapest nodes beside those of the stack's pools."""

import json

import pytest
from click.testing import CliRunner, Result

from nim_profiles.placement import Placement, Unplaceable, placement_json
from stacks.cheapest import cheapest
from stacks.cli.place import command
from stacks.plan import Plan
from stacks.preflight import planned
from stacks.selected import ROOT


def run(*options: str, stack: str = "local") -> Result:
    return CliRunner().invoke(command, [stack, *options], standalone_mode=False)


def test_the_shipped_stack_is_placed_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = cheapest(planned(ROOT, "local"))
    done = run()
    assert done.return_value == 0, done.output
    assert f"cheapest: ${found.usd_per_hour:,.2f}/h" in done.output
    assert all(name in done.output for name in found.node_counts)


def test_a_stack_whose_key_is_not_set_yet_is_placed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = run(stack="prod")
    assert done.return_value == 0, done.output


def test_programs_get_what_nim_profiles_place_gives_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = run("--json")
    assert json.loads(done.stdout) == placement_json(cheapest(planned(ROOT, "local")))


def test_what_no_node_holds_is_refused_with_every_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_plan: Plan) -> Placement:
        raise Unplaceable("no instance type holds it", {}, "no instance type holds it. Every type and what it lacks:")

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("stacks.cli.place.cheapest", refuse)
    done = run()
    assert (done.return_value, "Every type and what it lacks" in done.stderr) == (1, True)
    assert json.loads(run("--json").stdout)["why"] == "no instance type holds it"
