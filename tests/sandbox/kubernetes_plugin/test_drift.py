from hypothesis import given
from hypothesis import strategies as st

from nim_sandbox.kubernetes_plugin.drift import imported, inputs_after, leave_ignored
from nim_sandbox.values import Secret, Value

TREES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(st.integers(0, 3), lambda c: st.lists(c, max_size=3) | st.dictionaries(st.sampled_from("abc"), c)),
)


@given(TREES, TREES)
def test_an_object_that_nobody_changed_has_no_drift(inputs: dict[str, Value], live: dict[str, Value]) -> None:
    assert inputs_after(inputs, live, live) == inputs


@given(TREES, TREES)
def test_a_changed_field_is_seen(live: dict[str, Value], other: dict[str, Value]) -> None:
    now = {**other, "a": 9}
    assert inputs_after({"a": 1}, {**live, "a": 1}, now)["a"] == 9


def test_fields_that_the_program_does_not_set_are_not_looked_at() -> None:
    assert inputs_after({"spec": {"a": 1}}, {"spec": {"a": 1, "b": 1}}, {"spec": {"a": 1, "b": 2}, "status": 3}) == {
        "spec": {"a": 1}
    }


def test_another_spelling_of_the_server_is_no_drift() -> None:
    stored = {"limits": {"memory": "1Gi"}}
    assert inputs_after({"limits": {"memory": "1024Mi"}}, stored, stored) == {"limits": {"memory": "1024Mi"}}


def test_a_removed_field_is_left_out_and_an_item_changed_in_a_list_is_seen() -> None:
    inputs: dict[str, Value] = {"labels": {"a": "1", "b": "2"}, "items": [{"image": "x"}]}
    before = {"labels": {"a": "1", "b": "2"}, "items": [{"image": "x", "pull": "Always"}]}
    now = {"labels": {"b": "2"}, "items": [{"image": "y", "pull": "Always"}]}
    assert inputs_after(inputs, before, now) == {"labels": {"b": "2"}, "items": [{"image": "y"}]}


def test_a_drifted_secret_stays_secret() -> None:
    assert inputs_after({"data": Secret({"k": "1"})}, {"data": {"k": "1"}}, {"data": {"k": "2"}}) == {
        "data": Secret({"k": "2"})
    }


def test_an_imported_object_has_no_fields_of_servers_and_controllers() -> None:
    live = {
        "kind": "Namespace",
        "metadata": {"name": "n", "uid": "u", "labels": {"kubernetes.io/metadata.name": "n", "a": "b"}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }
    assert imported(live) == {"kind": "Namespace", "metadata": {"name": "n", "labels": {"a": "b"}}}


def test_ignored_fields_keep_the_live_value() -> None:
    obj: dict[str, Value] = {"spec": {"replicas": 1, "containers": [{"image": "a"}]}}
    live = {"spec": {"replicas": 5, "containers": [{"image": "b"}]}}
    assert leave_ignored(obj, live, ["spec.replicas"])["spec"] == {"replicas": 5, "containers": [{"image": "a"}]}
    assert leave_ignored(obj, live, ["spec.containers[*].image"])["spec"]["containers"] == [{"image": "b"}]
    assert leave_ignored(obj, {}, ["spec.replicas"]) == obj
