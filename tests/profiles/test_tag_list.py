"""Tag lists: read whole or not at all, printed so that they read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.tag_list import print_tag_list, read_tag_list


@pytest.mark.parametrize(
    "text", ["", "a", "{'a': 'b', 'c", "{'a': 'b' 'c': 'd'}", "a:b|c", "a=b,c", "a:b|a:c", "2330:10de", "{'a': ['b']}"]
)
def test_what_is_cut_or_repeats_a_key_is_no_tag_list(text: str) -> None:
    assert read_tag_list(text) is None


def test_a_value_that_the_short_form_cannot_hold_is_printed_in_quotes() -> None:
    tags = {"product_name_regex": "NVIDIA (A100|H100)", "key": "x"}
    assert print_tag_list(tags) == "{'key': 'x', 'product_name_regex': 'NVIDIA (A100|H100)'}"
    assert read_tag_list(print_tag_list(tags)) == tags


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text("abc019_.:- |(){}=,", min_size=1), min_size=1
    )
)
def test_what_is_printed_reads_back(tags: dict[str, str]) -> None:
    assert read_tag_list(print_tag_list(tags)) == tags
