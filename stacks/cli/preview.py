"""`make preview`: what an up would do, compared with what is deployed, or with the files of a commit."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import click

from nim_profiles.bars import svg
from stacks.cli import commit, engine, paper, sandbox
from stacks.cli.console import console
from stacks.cli.rules import broken
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.planning import DoesNotFit
from stacks.preflight import planned
from stacks.report import Before, EnginePreview, Report, document, markdown, page, refused, report_of, terminal
from stacks.report.events import compared
from stacks.report.words import bars
from stacks.selected import ROOT

BAD_INPUT = 2
OTHER_PROGRAM = "the program itself differs, too: this preview runs the one that is checked out, for both sides"


@click.command()
@click.argument("stack")
@click.option("--base", metavar="REF", help="Compare with the files of this commit instead of what is deployed.")
@click.option("--head", metavar="REF", help="With --base: preview the files of this commit instead of those here.")
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write STACK.md, STACK.json, STACK.html and the picture STACK.svg into this folder.",
)
def command(stack: str, base: str | None, head: str | None, folder: Path | None) -> int:
    """Say what `up` would do. Needs no cluster, no cloud and no secret."""
    if head is not None and base is None:
        raise click.UsageError("--head goes with --base")
    made = _against_state(stack) if base is None else against_base(stack, base, head)
    return show(made, folder)


def show(made: Report, folder: Path | None) -> int:
    """Prints the report, writes its other renderings, and gives the exit code."""
    console.print(terminal(made, console.width))
    if folder is not None:
        _write(made, folder)
    return BAD_INPUT if made.faults else 0 if made.ok else 1


def _against_state(stack: str) -> Report:
    try:
        sandbox.describe_images(ROOT, stack)
        plan = planned(ROOT, stack, preview=True)
    except DoesNotFit as refusal:
        return report_of(refusal.plan, Before(label="nothing"), faults=refusal.faults)
    except BadStackFile as refusal:
        return refused(stack, refusal.faults, "nothing")
    if _deployed(plan):
        found = engine.preview(stack, engine.environment(plan), quiet=False)
        before = Before.of_outputs(found.outputs, "what is deployed")
    else:
        found = _on_paper(ROOT, stack, quiet=False)
        before = Before(label="nothing: no such stack is deployed")
    return report_of(plan, before, changes=found.changes, errors=found.errors, policies=broken(plan, found))


def _deployed(plan: Plan) -> bool:
    """Goes on in the environment of the stack's sandbox, if it has one that was ever started."""
    if plan.cluster.sandbox is not None and not sandbox.exists(plan):
        return False
    sandbox.enter(plan, start=False)
    return engine.has_state(plan.stack)


def against_base(stack: str, base: str, head: str | None) -> Report:
    """Both sides are files, of two commits or of one and of what lies here; the program is the one here for both."""
    old_commit = commit.fork_point(ROOT, base, head)
    new_commit = None if head is None else commit.commit_of(ROOT, head)
    with ExitStack() as open_:
        old_files = open_.enter_context(commit.files_of(ROOT, old_commit))
        new_files = ROOT if new_commit is None else open_.enter_context(commit.files_of(ROOT, new_commit))
        remarks = [OTHER_PROGRAM] if commit.program_differs(ROOT, old_commit, new_commit) else []
        before, comparable = _base(old_files, stack, commit.label(ROOT, base, old_commit))
        try:
            sandbox.describe_images(new_files, stack)
            plan = planned(new_files, stack, preview=True)
        except DoesNotFit as refusal:
            return report_of(refusal.plan, before, faults=refusal.faults, remarks=remarks)
        except BadStackFile as refusal:
            return refused(stack, refusal.faults, before.label)
        with ThreadPoolExecutor() as pool:
            old = pool.submit(_on_paper, old_files, stack, quiet=True) if comparable else None
            new = _on_paper(new_files, stack, quiet=True)
    changes = new.changes if old is None else compared(old.result(), new)
    return report_of(plan, before, changes=changes, errors=new.errors, policies=broken(plan, new), remarks=remarks)


def _base(files: Path, stack: str, label: str) -> tuple[Before, bool]:
    """And whether there is a stack to compare with: not where the base has none, or one that is refused."""
    try:
        sandbox.describe_images(files, stack)
        return Before.of_plan(planned(files, stack, preview=True), label), True
    except BadStackFile:
        return Before(label=f"{label}, which has no such stack or one that is refused"), False


def _on_paper(files: Path, stack: str, *, quiet: bool) -> EnginePreview:
    """`quiet` where two sides are compared: that all of one is new says nothing."""
    with paper.on(files, stack) as sheet:
        return engine.preview(stack, sheet.environment, sheet.options, quiet=quiet)


def _write(made: Report, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "md": markdown(made),
        "json": f"{json.dumps(document(made), indent=2, ensure_ascii=False)}\n",
        "html": page(made),
    }
    if drawn := bars(made):
        texts["svg"] = svg(drawn, title=f"{made.stack}: memory of one GPU")
    for suffix, text in texts.items():
        (folder / f"{made.stack}.{suffix}").write_text(text, encoding="utf-8")
