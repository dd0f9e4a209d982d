import pytest

from nim_profiles.listing import Status, parse_listing
from nim_sandbox.images import nim
from nim_sandbox.nim_like.choose import choose, listing
from nim_sandbox.nim_like.container import Ends
from tests.sandbox.nim_like.made import Made

FP8, BF16, LORA, FP16, OTHER_FP16, H200, PROCESSORS, OTHER_PROCESSORS = nim.manifest(2).profiles


@pytest.mark.parametrize(
    ("wanted", "how"),
    [(FP8.id, "profile_id"), (FP8.name, "profile description"), (FP8.name.upper(), "profile description")],
)
def test_an_id_and_a_name_take_their_profile(wanted: str, how: str, container: Made) -> None:
    said: list[str] = []
    assert choose(container(NIM_MODEL_PROFILE=wanted), said.append) == FP8
    assert said == [
        f"Matched {how} in manifest from env NIM_MODEL_PROFILE to: {FP8.id}",
        "Using the profile specified by the user",
    ]


@pytest.mark.parametrize("wanted", ["0" * 64, "vllm-fp8-tp1-pp1", f"{FP8.id} ({FP8.name})", FP16.name, " "])
def test_what_names_no_one_profile_ends_the_container(wanted: str, container: Made) -> None:
    with pytest.raises(Ends) as ended:
        choose(container(NIM_MODEL_PROFILE=wanted), print)
    assert str(ended.value) == (
        f"Model download failed: Environment variable NIM_MODEL_PROFILE is set to {wanted} but no matching profile_id "
        "or profile description is found in manifest."
    )


def test_default_and_nothing_take_one_that_runs(container: Made) -> None:
    said: list[str] = []
    assert choose(container(NIM_MODEL_PROFILE="default"), said.append) == BF16
    assert choose(container(), said.append) == BF16
    assert said[-1] == f"Using the profile selected by the profile selector: {BF16.id}"


def test_a_profile_for_another_gpu_ends_it_with_what_the_machine_has(container: Made) -> None:
    with pytest.raises(Ends) as ended:
        choose(container(NIM_MODEL_PROFILE=H200.id), print)
    assert str(ended.value).splitlines() == [
        "Detected 0 compatible profile(s).",
        "Could not find a profile that is currently runnable with the detected hardware. Please check the system "
        "information below and make sure you have enough free GPUs.",
        "SYSTEM INFO",
        "- Free GPUs:",
        "  -  [0000:10de] (0) NVIDIA L40S [current utilization: 0%]",
    ]


def test_a_profile_for_processors_needs_no_gpu(container: Made) -> None:
    for gpu in ("", "NVIDIA-L40S"):
        assert choose(container(NIM_MODEL_PROFILE=PROCESSORS.id, NIM_LIKE_GPU=gpu), print) == PROCESSORS


def test_an_unsafe_profile_starts_where_that_is_allowed(container: Made) -> None:
    assert choose(container(NIM_MODEL_PROFILE=H200.id, NIM_MANIFEST_ALLOW_UNSAFE="1"), print) == H200


def test_the_listing_puts_profiles_under_what_the_gpu_can_do(container: Made) -> None:
    read = parse_listing(listing(container()))
    assert read.unparsed == ()
    assert {row.id: row.status for row in read.rows} == {
        H200.id: Status.INCOMPATIBLE,
        **dict.fromkeys((PROCESSORS.id, OTHER_PROCESSORS.id), Status.INCOMPATIBLE),
        **{one.id: Status.COMPATIBLE for one in (FP8, BF16, LORA, FP16, OTHER_FP16)},
    }


def test_without_a_gpu_the_listing_still_has_every_id(container: Made) -> None:
    rows = parse_listing(listing(container(NIM_LIKE_GPU=""))).rows
    assert {row.status for row in rows} == {Status.INCOMPATIBLE}
    assert {row.id for row in rows} == {one.id for one in nim.manifest(2).profiles}
