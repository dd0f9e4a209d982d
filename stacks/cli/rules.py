"""The rules over what the engine would make, at the command line."""

from datetime import UTC, datetime

from nim_policy import Result
from stacks.cli import engine
from stacks.cli.console import console
from stacks.plan import Plan
from stacks.policing import judged
from stacks.report import EnginePreview


def broken(plan: Plan, found: EnginePreview) -> tuple[Result, ...]:
    """Rules that a preview breaks; none where the engine itself failed."""
    return () if found.errors else judged(plan, [*found.resources.values()], datetime.now(UTC).date())


def obeyed(plan: Plan) -> bool:
    """Whether an up may go on: prints what a preview has against it."""
    found = engine.preview(plan.stack, engine.environment(plan), quiet=True)
    results = broken(plan, found)
    for error in found.errors:
        console.print(error, style="red", soft_wrap=True, markup=False)
    for result in results:
        console.print(str(result), style="red" if result.stops else "yellow", soft_wrap=True, markup=False)
    return not found.errors and not any(result.stops for result in results)
