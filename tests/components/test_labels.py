from pulumi_nim.labels import labels, profile_annotations, selector
from tests.components.samples import profile


def test_the_selector_is_part_of_the_labels() -> None:
    assert selector("llama").items() <= labels("llama").items()


def test_a_selector_never_changes() -> None:
    assert selector("llama") == {"app.kubernetes.io/name": "nim", "app.kubernetes.io/instance": "llama"}


def test_annotations_name_the_profile_in_full() -> None:
    assert profile_annotations(profile()) == {
        "pulumi-nim/profile-id": "c" * 64,
        "pulumi-nim/profile-name": "vllm-fp8-tp1-pp1-27.0",
    }
