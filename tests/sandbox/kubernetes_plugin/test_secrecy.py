import base64

from hypothesis import given
from hypothesis import strategies as st

from nim_sandbox.kubernetes_plugin.secrecy import mark_like, mark_secret_kind, redact, secret_paths
from nim_sandbox.values import Secret, Value, plain

KEY = "nvapi-not-a-real-key"
KEYS = st.sampled_from(["a", "b", "c"])
PLAIN = st.recursive(
    st.text("xyz", max_size=3), lambda c: st.lists(c, max_size=3) | st.dictionaries(KEYS, c, max_size=3)
)
OBJECTS = st.dictionaries(KEYS, PLAIN, max_size=3)


def _marked(value: Value) -> Value:
    """Every text secret."""
    match value:
        case dict():
            return {key: _marked(item) for key, item in value.items()}
        case list():
            return [_marked(item) for item in value]
        case _:
            return Secret(value)


def _open_texts(value: Value) -> set[str]:
    match value:
        case dict():
            return {text for item in value.values() for text in _open_texts(item)}
        case list():
            return {text for item in value for text in _open_texts(item)}
        case Secret():
            return set()
        case _:
            return {value}


@given(OBJECTS)
def test_what_the_program_marked_is_marked_in_the_live_object(live: dict[str, Value]) -> None:
    assert _open_texts(mark_like(live, _marked(live))) == set()


@given(OBJECTS, OBJECTS)
def test_marking_changes_no_value(live: dict[str, Value], inputs: dict[str, Value]) -> None:
    assert plain(mark_like(live, _marked(inputs))) == live


def test_a_list_of_another_length_is_marked_as_a_whole() -> None:
    inputs = {"spec": {"args": ["--key", Secret(KEY)]}}
    assert mark_like({"spec": {"args": [KEY]}}, inputs) == {"spec": {"args": Secret([KEY])}}


def test_the_contents_of_a_secret_are_secret_without_being_marked() -> None:
    marked = mark_secret_kind({"kind": "Secret", "type": "Opaque", "data": {"k": "dg=="}})
    assert list(secret_paths(marked)) == [("data",)]


def test_a_message_is_cleared_of_the_secret_however_it_is_written() -> None:
    encoded = base64.b64encode(KEY.encode()).decode()
    inputs = {"kind": "Secret", "data": {"KEY": encoded}}
    cleared = redact(f'Invalid value: "{KEY}" or {encoded}', inputs)
    assert cleared == 'Invalid value: "[secret]" or [secret]'


def test_short_values_stay_readable() -> None:
    assert redact("port 443 is taken", {"port": Secret("443")}) == "port 443 is taken"
