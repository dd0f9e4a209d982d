"""A stack file grows without losing a byte."""

import pytest
import yaml

from stacks.faults import BadStackFile
from stacks.stack_text import with_entries, with_key

TEXT = """\
# our team's
encryptionsalt: v1:x
config:
  nim:cluster: {sandbox: team} # ours
  nim:endpoints: # all of them
    # the first
    chat:
      pool: l40s
"""
ENTRY = {"search": {"pool": "l40s", "env": {"A": "1"}}}


def test_entries_come_first_below_their_key_and_the_rest_stays() -> None:
    assert with_entries(TEXT, "file", "endpoints", ENTRY) == TEXT.replace(
        "  nim:endpoints: # all of them\n",
        "  nim:endpoints: # all of them\n    search:\n      pool: l40s\n      env:\n        A: '1'\n",
    )


def test_a_key_that_is_not_there_comes_last_in_the_config() -> None:
    grown = with_entries(TEXT, "file", "pools", {"l40s": {"back_end": "existing"}})
    assert grown == f"{TEXT}  nim:pools:\n    l40s:\n      back_end: existing\n"


def test_what_stands_after_the_config_stays_after_it() -> None:
    salt_last = "config:\n    nim:a: 1\nencryptionsalt: v1:x\n"
    assert (
        with_key(salt_last, "namespace", "x") == "config:\n    nim:a: 1\n    nim:namespace: x\nencryptionsalt: v1:x\n"
    )


def test_a_file_without_a_last_newline_stays_yaml() -> None:
    grown = with_key(TEXT.rstrip("\n"), "namespace", "x")
    assert yaml.safe_load(grown)["config"]["nim:namespace"] == "x"


@pytest.mark.parametrize(
    ("text", "key", "entries", "refusal"),
    [
        (TEXT, "endpoints", {"chat": {}}, "file: nim:endpoints.chat: stands there already; rename it"),
        (TEXT.replace("{sandbox: team}", "{a: 1}"), "cluster", {"b": 1}, "file: nim:cluster: stands on one line"),
    ],
)
def test_what_stands_there_is_never_overwritten(text: str, key: str, entries: dict[str, object], refusal: str) -> None:
    with pytest.raises(BadStackFile) as refused:
        with_entries(text, "file", key, entries)
    assert str(refused.value).startswith(refusal)
