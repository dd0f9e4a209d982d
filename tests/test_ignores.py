"""What a checker is told to pass over has its reason beside it, in every Python file of the repository."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("bench", "components", "launcher", "policy", "profiles", "sandbox", "stacks", "tests", "tools")
MARK = re.compile(r"#\s*(?:ruff: )?(?:noqa|type: *ignore)\b")
EXPLAINED = re.compile(r"(?:: [A-Z]+\d+(?:, [A-Z]+\d+)*|\[[a-z, -]+\])(?: - |  # | # )\S.*")
"""What follows a mark: which rules, and why."""


def unexplained(text: str) -> list[str]:
    """Lines on which no reason follows the last mark."""
    return [line for line in text.splitlines() if MARK.search(line) and not EXPLAINED.fullmatch(MARK.split(line)[-1])]


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("x = f()  # noqa: S101 - narrows the type", True),
        ("x = f()  # type: ignore[index]  # there is one", True),
        ("import x  # type: ignore[import-not-found]  # noqa: PLC0415 - its own environment", True),
        ("# ruff: noqa: INP001 - a script", True),
        ("x = f()  # noqa: S101", False),
        ("x = f()  # noqa", False),
        ("x = f()  # type: ignore", False),
        ("x = f()  # type: ignore - it is late", False),
        ("import x  # type: ignore[import-not-found]  # noqa: PLC0415", False),
    ],
)
def test_a_reason_follows_the_names_of_the_rules(line: str, *, good: bool) -> None:
    assert unexplained(line) == ([] if good else [line])


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_has_its_reason(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*.py") if path != Path(__file__)]
    assert files
    assert {str(path): found for path in files if (found := unexplained(path.read_text(encoding="utf-8")))} == {}
