"""The policy pack under the real engine: `pulumi preview --policy-pack policy`, and `make up`, which obeys it."""

from datetime import date
from typing import Any

import pytest

from tests.stacks.engine.conftest import Project, Result

pytestmark = pytest.mark.engine

LOGGED = {"request_logging": {"reason": "INC-7"}}


def previewed(project: Project, policy: dict[str, Any], **endpoint: Any) -> Result:
    """A preview with the pack, of the small stack with this policy and this change to endpoint `two`."""

    def change(config: dict[str, Any]) -> None:
        config["nim:policy"] = policy
        config["nim:endpoints"]["two"].update(endpoint)

    project.edit(change)
    made = project.run(
        "nim-sandbox", "run", project.stack, "--", "pulumi", "stack", "select", "--create", project.stack
    )
    assert made.code == 0, made.output
    return project.pulumi("preview", "--policy-pack", "policy", "--suppress-outputs")


def test_a_stack_that_keeps_the_rules_passes(project: Project) -> None:
    done = previewed(project, {"usd_per_hour": 12})
    assert done.code == 0, done.output
    assert "✅ nim@v0.1.0" in done.output


def test_a_mandatory_violation_stops_the_preview_and_names_resource_and_fix(project: Project) -> None:
    done = previewed(project, {"usd_per_hour": 1}, **LOGGED)
    assert done.code != 0
    assert "[mandatory]  request-logs  (kubernetes:apps/v1:Deployment: two)" in done.output
    assert "writes what users write to the log; leave it out, or let somebody answer for it" in done.output
    assert "[mandatory]  cost-ceiling  (pulumi:pulumi:Stack: nim-local)" in done.output
    assert "costs $10.49264/h, above its ceiling of $1.00/h" in done.output
    assert "error: preview failed" in done.output


def test_advice_is_given_and_stops_nothing(project: Project) -> None:
    done = previewed(project, {"levels": {"request-logs": "advisory"}}, **LOGGED)
    assert done.code == 0, done.output
    assert "[advisory]  request-logs-advice  (kubernetes:apps/v1:Deployment: two)" in done.output


def test_an_exception_lets_it_pass_until_it_ends(project: Project) -> None:
    exception = {"rule": "request-logs", "resource": "two", "reason": "INC-7", "until": date(9999, 12, 31)}
    allowed = previewed(project, {"exceptions": [exception]}, **LOGGED)
    assert allowed.code == 0, allowed.output
    assert "request-logs" not in allowed.output
    over = previewed(project, {"exceptions": [{**exception, "until": date(2026, 1, 1)}]}, **LOGGED)
    assert over.code != 0
    assert "the exception of two from request-logs ended on 2026-01-01 (INC-7)" in over.output


def test_make_up_stops_before_it_makes_anything(project: Project) -> None:
    project.edit(lambda config: config.update({"nim:policy": {"usd_per_hour": 1}}))
    up = project.stacks("up")
    assert up.code == 1
    assert "mandatory: cost-ceiling: stack: costs $10.49264/h, above its ceiling of $1.00/h; " in up.output
    assert project.objects("nodes,deployments") == []


def test_an_up_does_not_make_what_breaks_a_rule(project: Project) -> None:
    broken = previewed(project, {}, **LOGGED)
    assert broken.code != 0
    assert project.run("nim-sandbox", "start", project.stack).code == 0
    up = project.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "policy")
    assert up.code != 0
    assert "[mandatory]  request-logs  (kubernetes:apps/v1:Deployment: two)" in up.output
    assert "deployment.apps/two" not in project.objects("deployments")
