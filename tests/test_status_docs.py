"""docs/status.md says what the program does."""

import re
from pathlib import Path

from nim_profiles.diagnosis import Issue
from stacks.status.table import COLUMNS

DOCS = (Path(__file__).parents[1] / "docs/status.md").read_text(encoding="utf-8")


def test_every_column_of_the_table_is_explained() -> None:
    assert re.findall(r"^\| `([^`]+)` \|", DOCS, re.MULTILINE) == [*COLUMNS[1:]]


def test_every_common_issue_is_explained_in_its_order() -> None:
    issues = DOCS.partition("| issue |")[2]
    assert re.findall(r"^\| ([^|]+?) \|", issues, re.MULTILINE) == [str(issue) for issue in Issue]
