"""`make previews`: every stack that a pull request changes, and one comment about all of them."""

from pathlib import Path

import click

from stacks.cli import commit
from stacks.cli.preview import against_base, show
from stacks.report import markdown
from stacks.selected import ROOT

COMMENT = "comment.md"
MARKER = "<!-- nim-preview -->"
"""First line of the comment, by which it is found again."""
NOTHING = "No stack changes."


@click.command()
@click.option("--base", metavar="REF", required=True, help="Compare with where this one was left.")
@click.option("--head", metavar="REF", help="Preview the files of this commit instead of those here.")
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="For the reports, and for comment.md.",
)
def command(base: str, head: str | None, folder: Path) -> int:
    """Preview every stack whose file differs from a commit's, on paper, and write one comment."""
    new = None if head is None else commit.commit_of(ROOT, head)
    folder.mkdir(parents=True, exist_ok=True)
    code, parts = 0, []
    for stack in commit.changed_stacks(ROOT, commit.fork_point(ROOT, base, new), new):
        made = against_base(stack, base, new)
        code = max(code, show(made, folder))
        parts.append(markdown(made))
    text = "\n---\n\n".join(parts) or f"{NOTHING}\n"
    (folder / COMMENT).write_text(f"{MARKER}\n{text}", encoding="utf-8")
    return code
