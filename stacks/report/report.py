"""A preview as one value, from plan, base and the engine's events; its renderings are files beside this one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nim_policy import Result
from stacks.cost import Cost, cost_of, nodes_text
from stacks.faults import Fault
from stacks.plan import Plan
from stacks.report.before import Before
from stacks.report.changes import Change, Operation
from stacks.report.consequences import pool_consequences
from stacks.report.endpoint import EndpointReport, State, endpoint_report


@dataclass(frozen=True, slots=True)
class PoolReport:
    name: str
    nodes_before: str | None
    """None where there was no such pool, or nothing is known of it."""
    nodes: str | None
    """None where it goes."""
    usd_per_hour: Decimal | None
    idle_usd_per_hour: Decimal
    note: str | None
    consequences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    stack: str
    compared_with: str
    endpoints: tuple[EndpointReport, ...]
    """All there were and will be; empty where a fault hides them."""
    pools: tuple[PoolReport, ...]
    usd_per_hour_before: Decimal | None
    usd_per_hour: Decimal | None
    """None where a fault hides it."""
    price_dates: tuple[str, ...]
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    """What makes an up refuse the stack file."""
    errors: tuple[str, ...]
    """What made the engine fail, in its words."""
    policies: tuple[Result, ...]
    warnings: tuple[str, ...]
    """Of no single endpoint."""

    @property
    def ok(self) -> bool:
        """Whether an up may go on."""
        return not (self.faults or self.errors or any(result.stops for result in self.policies))

    def in_state(self, *states: State) -> tuple[EndpointReport, ...]:
        return tuple(one for one in self.endpoints if one.state in states)

    @property
    def operations(self) -> Mapping[Operation, int]:
        """How many resources; those without any are left out."""
        counted = Counter(change.operation for change in self.changes)
        return {operation: counted[operation] for operation in Operation if counted[operation]}


def refused(stack: str, faults: Sequence[Fault], label: str) -> Report:
    """Of a file from which no plan can be made."""
    return Report(
        stack=stack,
        compared_with=label,
        endpoints=(),
        pools=(),
        usd_per_hour_before=None,
        usd_per_hour=None,
        price_dates=(),
        changes=(),
        faults=tuple(faults),
        errors=(),
        policies=(),
        warnings=(),
    )


def report_of(
    plan: Plan,
    before: Before,
    *,
    changes: Sequence[Change] = (),
    faults: Sequence[Fault] = (),
    errors: Sequence[str] = (),
    policies: Sequence[Result] = (),
    remarks: Sequence[str] = (),
) -> Report:
    """`faults`: of a plan that does not fit. `remarks`: what a reader should know of the comparison itself."""
    cost = cost_of(plan)
    names = sorted({*before.endpoints, *(one.name for one in plan.endpoints)})
    mine: dict[str | None, list[Change]] = {}
    for change in changes:
        mine.setdefault(change.owner, []).append(change)
    priced = cost.endpoints
    return Report(
        stack=plan.stack,
        compared_with=before.label,
        endpoints=tuple(endpoint_report(name, plan, before, priced.get(name), mine.get(name, ())) for name in names),
        pools=_pools(plan, cost, before, mine),
        usd_per_hour_before=before.usd_per_hour,
        usd_per_hour=cost.usd_per_hour,
        price_dates=cost.price_dates,
        changes=tuple(changes),
        faults=tuple(faults),
        errors=tuple(errors),
        policies=tuple(policies),
        warnings=(*remarks, *(note for note in plan.notes if not note.startswith("endpoint "))),
    )


def _pools(
    plan: Plan, cost: Cost, before: Before, mine: Mapping[str | None, Sequence[Change]]
) -> tuple[PoolReport, ...]:
    now = [
        PoolReport(
            one.pool,
            before.nodes.get(one.pool),
            nodes_text(one),
            one.usd_per_hour,
            one.idle_usd_per_hour,
            one.note,
            tuple(pool_consequences(mine.get(one.pool, ()))),
        )
        for one in cost.pools
    ]
    gone = [
        PoolReport(name, nodes, None, None, Decimal(0), None, ())
        for name, nodes in sorted(before.nodes.items())
        if name not in plan.pools
    ]
    return (*now, *gone)
