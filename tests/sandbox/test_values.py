import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from nim_sandbox.values import (
    SIGNATURE,
    UNKNOWN,
    Secret,
    UnsupportedValue,
    Value,
    from_struct,
    has_unknown,
    is_true,
    plain,
    to_struct,
)

LEAVES = st.one_of(
    st.booleans(), st.integers(-(2**31), 2**31), st.text(max_size=8), st.just(UNKNOWN), st.floats(-10, 10, width=16)
)


def _whole(number: Value) -> Value:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _trees(children: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    plain_ones = st.one_of(st.lists(children, max_size=3), st.dictionaries(st.text(max_size=4), children, max_size=3))
    return st.one_of(plain_ones, children.map(lambda v: v if isinstance(v, Secret) else Secret(v)))


VALUES = st.dictionaries(st.text(max_size=4), st.recursive(LEAVES.map(_whole), _trees, max_leaves=12), max_size=4)


@given(VALUES)
def test_what_is_written_is_read_again_with_its_marks(values: dict[str, Value]) -> None:
    assert from_struct(to_struct(values)) == values


@given(VALUES)
def test_plain_holds_no_marks_and_the_same_unknowns(values: dict[str, Value]) -> None:
    bare = plain(values)
    assert "Secret" not in repr(bare) or "Secret" in str(bare)
    assert plain(bare) == bare
    assert has_unknown(bare) == has_unknown(values)


def test_nulls_are_left_out_and_whole_numbers_are_whole() -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": None, "replicas": 2.0, "share": 0.5})
    assert from_struct(struct) == {"replicas": 2, "share": 0.5}
    assert isinstance(from_struct(struct)["replicas"], int)


def test_a_secret_does_not_show_itself() -> None:
    assert "hidden" not in repr({"key": Secret("hidden")})


def test_an_asset_is_refused() -> None:
    struct = struct_pb2.Struct()
    struct.update({"file": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "path": "/etc/passwd"}})
    with pytest.raises(UnsupportedValue, match="assets"):
        from_struct(struct)


@pytest.mark.parametrize(
    ("value", "true"), [(True, True), ("true", True), ("True", True), ("false", False), (1, False)]
)
def test_switches_arrive_as_text_or_as_values(value: Value, *, true: bool) -> None:
    assert is_true(value) is true
