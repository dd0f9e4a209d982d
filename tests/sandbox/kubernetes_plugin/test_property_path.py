from hypothesis import given
from hypothesis import strategies as st

from nim_sandbox.kubernetes_plugin.property_path import parse_path, write_path

STEPS = st.lists(st.text(min_size=1, max_size=6) | st.integers(0, 20), max_size=5)


@given(st.text("abcXYZ_", min_size=1), STEPS)
def test_a_written_path_is_read_again(first: str, rest: list[str | int]) -> None:
    path = (first, *rest)
    assert parse_path(write_path(path)) == path


def test_keys_with_dots_are_quoted() -> None:
    path = ("metadata", "annotations", "pulumi.com/skipAwait")
    assert write_path(path) == 'metadata.annotations["pulumi.com/skipAwait"]'
    assert write_path(("spec", "containers", 0, "image")) == "spec.containers[0].image"


def test_a_star_stands_for_every_position() -> None:
    assert parse_path("spec.containers[*].image") == ("spec", "containers", "*", "image")
