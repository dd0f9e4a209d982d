"""YAML from strangers: nodes with lines, aliases within limits, and a quick refusal of everything hostile."""

import time
import tracemalloc

import pytest

from nim_profiles.strict_yaml import BYTE_LIMIT, BadYaml, Mapping, Scalar, Sequence, read_yaml

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "aliases that multiply": (BOMB, "line 6: more than 200000 values, those behind aliases included"),
    "a list in itself": ("&a [*a]", "line 1: the alias *a names nothing that ends before it"),
    "brackets": ("[" * 4_000_000, "line 1: nested deeper than 32 levels"),
    "complex keys": ("? " * 100_000, "line 1: nested deeper than 32 levels"),
    "indentation": ("".join(" " * i + "-\n" for i in range(3000)), "line 33: nested deeper than 32 levels"),
    "too many values": ("- a\n" * 250_000, "line 200000: more than 200000 values, those behind aliases included"),
    "50 MB": ("a" * 50_000_000, f"line 1: 50000000 bytes, and at most {BYTE_LIMIT} are read"),
    "an open quote": ("'" + "a\n" * 3_000_000, "line 3000001: not YAML: found unexpected end of stream"),
    "a NUL": ("a: 1\nb: \0", "line 2: the control character '\\x00'; this is no text file"),
    "half a surrogate pair": ("a: 1\n\ud800", "line 2: half of a surrogate pair; the file must be UTF-8"),
    "nothing": ("# only a remark\n", "line 1: no YAML document in it"),
    "two documents": ("a: 1\n---\nb: 1\n", "line 2: a second document starts; one file holds one"),
    "a merge": ("a: &a {b: 1}\nc:\n  <<: *a\n", "line 3: a merge key `<<`; write the keys out"),
    "a list as a key": ("? [a]\n: b\n", "line 1: a list as a key; a key is a word"),
    "no YAML": ("a: 1\n b: 2", "line 2: not YAML: mapping values are not allowed in this context"),
}


@pytest.mark.parametrize(("text", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_fast_with_its_line(text: str, why: str) -> None:
    start = time.process_time()  # of this process alone: other work on the machine is no fault
    with pytest.raises(BadYaml) as refused:
        read_yaml(text)
    assert str(refused.value) == why
    assert time.process_time() - start < 10, "generous, for slow machines; about a second at worst"


def test_a_bomb_takes_little_memory() -> None:
    tracemalloc.start()
    with pytest.raises(BadYaml):
        read_yaml(BOMB)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_every_duplicate_key_is_named_with_the_line_of_the_first() -> None:
    with pytest.raises(BadYaml) as refused:
        read_yaml("a: 1\nb: 2\na: 3\nb: 4\n")
    assert refused.value.faults == [
        (3, "the key 'a' a second time, first on line 1; keep one"),
        (4, "the key 'b' a second time, first on line 2; keep one"),
    ]


def test_nodes_know_their_line_and_what_yaml_takes_them_for() -> None:
    root = read_yaml("a: !workspace\n- 1\n- '1'\n- 1.5\n- yes\n- ~\n- word\nb: &b x\nc: *b\n")
    assert isinstance(root, Mapping)
    items = root.entries["a"]
    assert isinstance(items, Sequence)
    found = [(item.line, item.kind) for item in items.items if isinstance(item, Scalar)]
    assert found == [(2, "int"), (3, "str"), (4, "float"), (5, "bool"), (6, "null"), (7, "str")]
    assert root.entries["c"] is root.entries["b"]
    assert root.key_lines == {"a": 1, "b": 8, "c": 9}
