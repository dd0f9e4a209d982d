from hypothesis import given
from hypothesis import strategies as st

from nim_sandbox.kubernetes_plugin.naming import is_autonamed, name_of, parse_id, resource_id, with_name
from nim_sandbox.values import UNKNOWN

SEED = bytes.fromhex("0123456789abcdef")
OTHER_SEED = bytes.fromhex("fedcba9876543210")


def test_an_unnamed_object_gets_the_resources_name_and_eight_digits_of_the_seed() -> None:
    named = with_name({"kind": "Secret"}, {}, "key", SEED)
    assert named["metadata"] == {"name": "key-01234567", "annotations": {"pulumi.com/autonamed": "true"}}


def test_a_made_up_name_is_kept() -> None:
    old = with_name({"metadata": {"labels": {"a": "b"}}}, {}, "key", SEED)
    new = with_name({"metadata": {}}, old, "key", OTHER_SEED)
    assert name_of(new) == "key-01234567"
    assert is_autonamed(new)


def test_a_name_of_its_own_is_respected() -> None:
    named = with_name({"metadata": {"name": "mine"}}, {}, "key", SEED)
    assert named == {"metadata": {"name": "mine"}}
    assert not is_autonamed(named)


def test_a_fixed_name_that_was_taken_out_is_not_adopted() -> None:
    assert name_of(with_name({}, {"metadata": {"name": "mine"}}, "key", SEED)) == "key-01234567"


def test_unknown_and_generated_names_are_left_alone() -> None:
    for metadata in ({"name": UNKNOWN}, {"generateName": "x-"}):
        assert with_name({"metadata": metadata}, {}, "key", SEED) == {"metadata": metadata}


@given(st.text("abc-", min_size=1), st.text("abc-"))
def test_an_id_is_read_as_it_was_written(name: str, namespace: str) -> None:
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    assert parse_id(resource_id({"metadata": metadata})) == (namespace, name)
