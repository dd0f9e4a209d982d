from nim_sandbox.kubernetes_plugin.state import normalized, previewed, read_state, write_state
from nim_sandbox.values import UNKNOWN, Secret, Value, from_struct, plain, to_struct

INPUTS: dict[str, Value] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "k", "namespace": "n"},
    "data": Secret({"KEY": "a2V5"}),
}
LIVE: dict[str, Value] = {
    **plain(INPUTS),
    "metadata": {"name": "k", "namespace": "n", "uid": "u", "managedFields": [1]},
    "type": "Opaque",
}


def test_what_was_written_is_read_again_through_the_engine() -> None:
    state = read_state(from_struct(to_struct(write_state(INPUTS, LIVE, "manager"))))
    assert state.inputs == INPUTS
    assert state.manager == "manager"
    assert state.live["metadata"] == {"name": "k", "namespace": "n", "uid": "u"}


def test_a_secrets_data_is_secret_in_the_inputs_and_in_the_live_object() -> None:
    unmarked = plain(INPUTS)
    written = write_state(unmarked, LIVE, "manager")
    assert written["data"] == written["__inputs"]["data"] == Secret({"KEY": "a2V5"})
    assert (written["__initialApiVersion"], written["__fieldManager"]) == ("v1", "manager")


def test_a_state_of_another_plugin_without_our_entries_is_read() -> None:
    state = read_state(LIVE)
    assert state.inputs == {}
    assert state.manager == "pulumi-kubernetes"


def test_text_becomes_data_and_unknown_text_unknown_data() -> None:
    texts = {"kind": "Secret", "stringData": Secret({"a": "key", "b": UNKNOWN}), "data": {"c": "Yw=="}}
    assert normalized(texts) == {"kind": "Secret", "data": {"c": "Yw==", "a": "a2V5", "b": UNKNOWN}}
    assert normalized({"kind": "Secret", "stringData": UNKNOWN}) == {"kind": "Secret", "stringData": UNKNOWN}
    assert normalized({"kind": "ConfigMap", "stringData": {"a": "b"}}) == {
        "kind": "ConfigMap",
        "stringData": {"a": "b"},
    }


def test_a_preview_foretells_no_status_and_no_ids() -> None:
    outputs = previewed(INPUTS, {**LIVE, "status": {}})
    assert outputs["metadata"] == {"name": "k", "namespace": "n"}
    assert "status" not in outputs
    assert outputs["data"] == Secret({"KEY": "a2V5"})
