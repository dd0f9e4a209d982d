"""The sample pull request: what main has, what the request wants first, and what it wants once it is repaired."""

from pathlib import Path

import yaml

from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.planning import DoesNotFit
from stacks.report import Before, Report, engine_preview, refused, report_of
from stacks.report.events import compared
from stacks.selected import ROOT, planned_from
from tests.stacks.report.engine_log import endpoint, step

FOLDER = Path(__file__).parents[2] / "data/pull_request"
FILE = "stacks/Pulumi.team.yaml"
LABEL = "main (1a2b3c4)"


def plan(which: str) -> Plan:
    """Raises DoesNotFit for `head`."""
    config = yaml.safe_load((FOLDER / f"{which}.yaml").read_text(encoding="utf-8"))["config"]
    return planned_from({key.removeprefix("nim:"): value for key, value in config.items()}, ROOT, "team", FILE)


def too_large() -> Report:
    before = Before.of_plan(plan("base"), LABEL)
    try:
        plan("head")
    except DoesNotFit as refusal:
        return report_of(refusal.plan, before, faults=refusal.faults)
    raise AssertionError("coder fits")


def repaired() -> Report:
    claim = "nim:serving:NimEndpoint$nim:storage:ModelCache$kubernetes:core/v1:PersistentVolumeClaim"
    old = engine_preview(
        [*endpoint("assistant", inputs={"spec": {"template": 1}}), *endpoint("reasoner"), step(claim, "x")]
    )
    new = engine_preview(
        [*endpoint("assistant", inputs={"spec": {"template": 2}}), *endpoint("reasoner"), *endpoint("summarizer")]
    )
    return report_of(
        plan("fixed"), Before.of_plan(plan("base"), LABEL), changes=compared(old, new), remarks=["A remark."]
    )


def unreadable() -> Report:
    raw = {"endpoints": {"chat": {"image": "x", "replica": 1}}}
    try:
        planned_from(raw, ROOT, "team", FILE)
    except BadStackFile as refusal:
        return refused("team", refusal.faults, LABEL)
    raise AssertionError("a file that is wrong is planned")
