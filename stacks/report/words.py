"""What all renderings of a report say in the same words."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from nim_profiles.bars import Bar
from nim_profiles.money import HOURS_PER_MONTH, money
from stacks.report.changes import Operation
from stacks.report.endpoint import EndpointReport, State
from stacks.report.report import Report

_CENT = Decimal("0.01")
ARROW = "→"
UNKNOWN = "-"


def headline(report: Report) -> str:
    """`1 changed, 1 new, 2 unchanged`; first what keeps an up from going on."""
    trouble = []
    if report.faults:
        trouble.append(f"refused, {count(len(report.faults), 'fault')}")
    if report.errors:
        trouble.append("the engine failed")
    if stops := sum(result.stops for result in report.policies):
        trouble.append(f"{count(stops, 'rule')} broken")
    states = [(len(report.in_state(state)), state.value) for state in (State.CHANGED, State.NEW, State.GONE)]
    endpoints = [f"{number} {word}" for number, word in states if number]
    if report.endpoints and not endpoints:
        endpoints = ["no endpoint changes"]
    return ", ".join([*trouble, *endpoints])


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def hourly(usd: Decimal | None) -> str:
    return UNKNOWN if usd is None else money(usd.quantize(_CENT))


def bill(report: Report) -> str | None:
    """`$65.53/h → $76.02/h (+$10.49/h, +$7,660 a month)`; None where nothing has a price."""
    now, was = report.usd_per_hour, report.usd_per_hour_before
    if now is None or not report.price_dates:
        return None
    if was is None:
        return f"{hourly(now)}/h, {monthly(now)} a month"
    if was == now:
        return f"{hourly(now)}/h, as before"
    more = f"{_signed(hourly, now - was)}/h, {_signed(monthly, now - was)} a month"
    return f"{hourly(was)}/h {ARROW} {hourly(now)}/h ({more})"


def monthly(usd: Decimal) -> str:
    return f"${usd * HOURS_PER_MONTH:,.0f}"


def _signed(shown: Callable[[Decimal], str], usd: Decimal) -> str:
    return f"{'+' if usd > 0 else '-'}{shown(abs(usd))}"


def cost(one: EndpointReport) -> str:
    """`$5.25 → $7.87` by the hour."""
    was, now = hourly(one.usd_per_hour_before), hourly(one.usd_per_hour)
    if one.state is State.GONE:
        return f"{was} {ARROW} {hourly(Decimal(0))}"
    return now if was in (now, UNKNOWN) else f"{was} {ARROW} {now}"


def terms(report: Report) -> str:
    """What the figures are."""
    dates = ", ".join(report.price_dates)
    priced = f"On demand, prices of {dates}, a month of {HOURS_PER_MONTH} h. " if dates else ""
    return f"{priced}Compared with {report.compared_with}. Memory is an estimate."


def what_is_new(one: EndpointReport) -> str:
    """`vllm-fp8-tp1-pp1-27.0 c4789f7a, 2 replicas of 1 x L40S in pool l40s, cache 11 GiB`."""
    after = one.after
    if after is None:
        return "goes"
    return (
        f"{after.profile_name} {after.profile_id[:8]}, {count(after.replicas, 'replica')} "
        f"of {after.gpu_count} x {after.gpu} in pool {after.pool}, cache {after.cache_gib} GiB"
    )


def fit(one: EndpointReport) -> str:
    """`25.8-26.5 of 44.7 GiB`, with the longest request where it fits."""
    if one.after is None:
        return UNKNOWN
    if one.fits is None or one.after.need is None:
        return "not estimated"
    need = one.after.need.removesuffix(" (estimate)")
    return f"{need} a GPU" if one.fits else f"does not fit: {need} a GPU"


def longest(one: EndpointReport) -> str:
    """`131,072 tokens, 1.3 at once`."""
    if one.longest_context_tokens is None or one.after is None:
        return UNKNOWN
    at_once = f", {one.full_length_requests:.1f} at once" if one.fits else f" of {one.after.context_tokens:,}"
    return f"{one.longest_context_tokens:,} tokens{at_once}"


def details(one: EndpointReport) -> Iterator[str]:
    """What follows from the change, in whole sentences."""
    if one.repairs and one.fits:
        yield f"fits because of {' '.join(one.repairs)}"
    elif one.repairs:
        yield f"would fit: {'; or '.join(one.repairs[:2])}"
    yield from one.consequences
    yield from (f"note: {warning}" for warning in one.warnings)


def bars(report: Report) -> list[Bar]:
    """Of the endpoints that change, before and after."""
    moving = report.in_state(State.CHANGED, State.NEW)
    return [drawn for one in moving for drawn in (one.bar_before, one.bar) if drawn is not None]


def operations(report: Report) -> str:
    """`3 to create, 1 to update, 12 unchanged`."""
    words = {Operation.SAME: "unchanged"}
    return ", ".join(f"{number} {words.get(one, f'to {one}')}" for one, number in report.operations.items()) or "none"


def nodes(report: Report) -> Iterator[str]:
    """Pools whose nodes change, `pool l40s: 2 x g6e.12xlarge → 3 x g6e.12xlarge`, and what to know of their price."""
    for pool in report.pools:
        was, now = pool.nodes_before or "none", pool.nodes or "none"
        if was != now:
            yield f"pool {pool.name}: {was} {ARROW} {now}" if pool.nodes_before else f"pool {pool.name}: {now}, new"
        if pool.idle_usd_per_hour:
            yield f"pool {pool.name}: {hourly(pool.idle_usd_per_hour)}/h of it are GPUs that no replica asks for"
        told = pool.consequences if pool.note is None else (*pool.consequences, pool.note)
        yield from (f"pool {pool.name}: {one}" for one in told)
