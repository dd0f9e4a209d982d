"""What becomes of one endpoint: before and after, fit, cost, consequences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from nim_profiles.bars import Bar
from nim_profiles.cli.fit_report import bar
from nim_profiles.memory import Fit
from nim_profiles.memory.explain import repair_line
from stacks.plan import EndpointPlan, Plan
from stacks.report.before import Before
from stacks.report.changes import Change, Operation
from stacks.report.consequences import consequences
from stacks.summary import Difference, EndpointSummary, differences


class State(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReport:
    name: str
    state: State
    before: EndpointSummary | None
    after: EndpointSummary | None
    differences: tuple[Difference, ...]
    usd_per_hour_before: Decimal | None
    """None where no price is known, or there was no such endpoint."""
    usd_per_hour: Decimal | None
    fits: bool | None
    """None where memory was not estimated, or the endpoint goes."""
    bar_before: Bar | None
    """Where the profile or its settings change, and both are known."""
    bar: Bar | None
    longest_context_tokens: int | None
    full_length_requests: float | None
    """That many of the longest run at once."""
    repairs: tuple[str, ...]
    """Settings without which it would not fit; or, where it does not fit, what would make it."""
    consequences: tuple[str, ...]
    warnings: tuple[str, ...]


def endpoint_report(
    name: str, plan: Plan, before: Before, usd_per_hour: Decimal | None, changes: Sequence[Change]
) -> EndpointReport:
    one = next((one for one in plan.endpoints if one.name == name), None)
    old, new = before.endpoints.get(name), None if one is None else EndpointSummary.of(one, plan)
    found = () if old is None or new is None else tuple(differences(old, new))
    real = [change for change in changes if change.operation is not Operation.SAME]
    fit = None if one is None else one.fit
    estimate = None if fit is None else fit.estimate
    drawn = None if fit is None or estimate is None else _named(bar(fit), name)
    was = before.bars.get(name)
    prefix = f"endpoint {name}: "
    return EndpointReport(
        name=name,
        state=_state(old, new, changed=bool(found or real)),
        before=old,
        after=new,
        differences=found,
        usd_per_hour_before=before.endpoint_usd_per_hour.get(name),
        usd_per_hour=usd_per_hour,
        fits=None if fit is None else fit.verdict == "compatible",
        bar_before=_named(was, f"{name}, before") if was and drawn and was.parts != drawn.parts else None,
        bar=drawn,
        longest_context_tokens=None if estimate is None or fit is None else fit.longest_context_tokens,
        full_length_requests=None if estimate is None or fit is None else fit.full_length_requests,
        repairs=() if one is None else tuple(_repairs(one)),
        consequences=tuple(consequences(old, one, found, real)),
        warnings=tuple(note.removeprefix(prefix) for note in plan.notes if note.startswith(prefix)),
    )


def _state(old: EndpointSummary | None, new: EndpointSummary | None, *, changed: bool) -> State:
    if new is None:
        return State.GONE
    if old is None:
        return State.NEW
    return State.CHANGED if changed else State.UNCHANGED


def _named(drawn: Bar, label: str) -> Bar:
    return replace(drawn, label=label)


def _repairs(one: EndpointPlan) -> list[str]:
    if one.fit is not None and one.fit.verdict != "compatible":
        return [repair_line(repair) for repair in one.fit.repairs]
    if _needs_settings(one.plain):
        rows = one.container.settings
        return [f"{row.flag}={row.value}" for row in rows if row.origin == "settings"]
    return []


def _needs_settings(plain: Fit | None) -> bool:
    return plain is not None and plain.verdict != "compatible"
