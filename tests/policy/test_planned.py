import pytest

from nim_policy import Planned
from nim_policy.planned import dig, is_unknown, items, whole

UNKNOWN_OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"


def test_a_resource_is_named_by_its_urn_and_its_type() -> None:
    one = Planned(
        "urn:pulumi:prod::nim::nim:x:Y$kubernetes:apps/v1:Deployment::llama", "kubernetes:apps/v1:Deployment", {}
    )
    assert (one.name, one.kind, one.kubernetes, one.namespace) == ("llama", "Deployment", True, None)


def test_nothing_stands_where_nothing_is_or_where_it_is_not_known_yet() -> None:
    props = {"metadata": {"name": "a"}, "spec": UNKNOWN_OBJECT}
    assert dig(props, "metadata", "name") == "a"
    assert (dig(props, "metadata", "uid"), dig(props, "spec"), dig(props, "spec", "replicas")) == (None, None, None)
    assert is_unknown(UNKNOWN_OBJECT)


def test_what_is_no_list_has_no_items() -> None:
    assert (items([1]), items(None), items("ab")) == ([1], [], [])


@pytest.mark.parametrize(("value", "number"), [("8", 8), (8.0, 8), (None, None), ("50%", None), ({}, None)])
def test_numbers_come_as_texts_and_with_a_fraction(value: object, number: int | None) -> None:
    assert whole(value) == number
