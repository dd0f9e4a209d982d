"""Listings: every version's output, whole or quoted, with whatever a log puts around it."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.listing import BadListing, ListedGpu, ListedProfile, Status, parse_listing

FOLDER = Path(__file__).parents[1] / "data" / "listings"
ID = "8c91cce84b9b032ff4af489cb1a20395e223af35623010df9155390ab2284b7a"
OTHER = "352d88f8021d0ce396a61d10e929d1d4b45f75038b593595d0d92f80a398a032"

PUBLISHED = {
    "06.txt": ({"compatible": 4, "incompatible": 2}, 2, 6, 0, 1),
    "07.txt": ({"compatible": 2, "low_memory": 1}, 1, 3, 1, 0),
    "09.txt": ({"incompatible": 30}, 15, 0, 0, 2),
    "11.txt": ({"compatible": 8, "incompatible": 15}, 8, 0, 0, 2),
    "12.txt": ({"compatible": 9, "incompatible": 11}, 6, 0, 0, 2),
    "16.txt": ({"compatible": 5}, 0, 0, 0, 0),
    "18.txt": ({"compatible": 2}, 0, 0, 0, 1),
    "24.txt": ({"compatible": 3}, 0, 0, 0, 0),
}


@pytest.mark.parametrize(("file", "expected"), PUBLISHED.items())
def test_a_published_listing_is_read_whole(file: str, expected: tuple[dict[str, int], int, int, int, int]) -> None:
    listing = parse_listing((FOLDER / file).read_text(encoding="utf-8"))
    rows = listing.rows
    found = (
        dict(Counter(row.status.value for row in rows)),
        sum(row.lora for row in rows),
        sum(row.required_gb is not None for row in rows),
        sum(row.max_model_len is not None for row in rows),
        len(listing.gpus),
    )
    assert (found, listing.unparsed) == (expected, ())


def test_the_folder_and_the_table_above_name_the_same_files() -> None:
    assert sorted(PUBLISHED) == sorted(path.name for path in FOLDER.iterdir())


def one(line: str) -> ListedProfile:
    (row,) = parse_listing(f"MODEL PROFILES\n- Compatible with system but low memory:\n{line}\n").rows
    return row


def test_a_hint_gives_its_tokens_and_both_sizes_as_printed() -> None:
    note = "[requires >=45 GB/gpu, try --max-model-len=4096 to reduce to >=30.5 GB/gpu]"
    assert one(f"    - {ID} (vllm-bf16-tp1-pp1-44.0) {note}") == ListedProfile(
        id=ID,
        name="vllm-bf16-tp1-pp1-44.0",
        status=Status.LOW_MEMORY,
        lora=False,
        required_gb=45.0,
        max_model_len=4096,
        reduced_gb=30.5,
    )


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (" (vllm-bf16-tp1-pp1)", ("vllm-bf16-tp1-pp1", None, None, None)),
        (" (vllm) [requires >=8 GB/gpu, try --max-model-len=4096]", ("vllm", 8.0, 4096, None)),
        (" (vllm) [requires >=8 GB/gpu, try --max-model-len=40", ("vllm", 8.0, None, ", try --max-model-len=40")),
        (" (vllm) [requires >=8 GB/gpu, new words]", ("vllm", 8.0, None, ", new words]")),
        (" (vllm) [requires >=8 GiB/gpu]", ("vllm", None, None, "[requires >=8 GiB/gpu]")),
        (" (vllm) recommended", ("vllm", None, None, "recommended")),
        (" (vllm-bf16-tp...", (None, None, None, "vllm-bf16-tp...")),
        (" (vllm-bf16-tp1-pp1-b843...9d46)", (None, None, None, "vllm-bf16-tp1-pp1-b843...9d46")),
        ("", (None, None, None, None)),
        ("\n      (vllm)\n      [requires >=8 GB/gpu]", ("vllm", 8.0, None, None)),
        (" (vllm-nvfp4-tp1-pp1-fallback-1-48gib)", ("vllm-nvfp4-tp1-pp1-fallback-1-48gib", None, None, None)),
        (" (type=bert)", ("type=bert", None, None, None)),
        (" - {'mode': 'all', 'name': 'x'}", ("{'mode': 'all', 'name': 'x'}", None, None, None)),
        (" - {'mode': 'all', 'na", (None, None, None, "{'mode': 'all', 'na")),
        (" - mode:all|name:x", ("mode:all|name:x", None, None, None)),
        (": vllm-bf16-tp1-pp1", ("vllm-bf16-tp1-pp1", None, None, None)),
    ],
)
def test_a_row_gives_what_it_prints_and_nothing_else(
    rest: str, expected: tuple[str | None, float | None, int | None, str | None]
) -> None:
    row = one(f"  - {ID}{rest}")
    assert (row.name, row.required_gb, row.max_model_len, row.remark) == expected
    assert (row.id, row.abbreviated, row.reduced_gb) == (ID, False, None)


@pytest.mark.parametrize("short", [f"{ID[:8]}...", f"{ID[:8]}…", f"{ID[:6]}...{ID[-4:]}", ID[:12]])
def test_an_abbreviated_id_is_kept_as_printed_and_makes_no_profile(short: str) -> None:
    listing = parse_listing(f"- {short} (vllm-bf16-tp1-pp1)")
    (row,) = listing.rows
    assert (row.id, row.abbreviated, row.status, listing.profiles) == (short, True, Status.UNKNOWN, ())
    with pytest.raises(BadListing, match="is abbreviated"):
        row.profile()


@pytest.mark.parametrize(
    ("heading", "status"),
    [
        ("- Compatible with system and runnable:", Status.COMPATIBLE),
        ("- Compatible with the system and runnable", Status.COMPATIBLE),
        ("- Compatible with system:", Status.COMPATIBLE),
        ("- Compatible with system but low memory:", Status.LOW_MEMORY),
        ("- Compatible with system but not runnable due to low GPU free memory", Status.LOW_MEMORY),
        ("- Compatible with the system, but cannot be run because too little GPU memory is free:", Status.LOW_MEMORY),
        ("- Compilable to TRT-LLM using just-in-time compilation of HF models to TRTLLM engines:", Status.BUILDABLE),
        ("- Incompatible with system:", Status.INCOMPATIBLE),
        ("Incompatible with the system", Status.INCOMPATIBLE),
        ("- Not compatible with system:", Status.INCOMPATIBLE),
        ("- Available profiles:", Status.UNKNOWN),
        ("MODEL PROFILES", Status.UNKNOWN),
    ],
)
def test_a_heading_is_matched_loosely(heading: str, status: Status) -> None:
    assert parse_listing(f"{heading}\n - {ID} (vllm)").rows[0].status is status


def test_lora_follows_the_name_and_only_where_the_name_cannot_tell_the_heading() -> None:
    rows = parse_listing(
        f"- Compatible with system and runnable:\n- With LoRA support:\n- {ID} (vllm)\n- {ID} (vllm-bf16-tp1)\n"
        f"- Incompatible with system:\n- {ID} (vllm-bf16-tp1-lora)\n- {ID} (vllm)\n"
    ).rows
    assert [row.lora for row in rows] == [True, False, True, False]


PLAIN = f"""SYSTEM INFO
- Free GPUs: <None>
- Non-free GPUs:
  -  [2e12:10de] (0) NVIDIA GB10 [current utilization: N/A%]
MODEL PROFILES
- Compatible with system and runnable: <None>
- Compatible with system but low memory:
    - {ID} (vllm-fp8-tp1-pp1-34.0) [requires >=34 GB/gpu]
- Incompatible with system:
    - {OTHER} (tensorrt_llm-trtllm_buildable-bf16-tp1-pp1-lora)
"""
NOISE = f"""2026-05-22T09:03:42.752024Z  INFO nim_hub_ngc: File: config.json found in cache: "blobs/{ID}"
WARNING 05-22 09:03:42 arg_utils.py:12] Profile {ID} (vllm-fp16-tp1) does not support LoRA, skipping
2026-05-22 09:03:42,123 - nim - WARNING - Profile {ID} (vllm-fp16-tp1) is incompatible with LoRA
Selected profile: {ID} (vllm-fp8-tp1-pp1-34.0)
WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour
== NVIDIA Inference Microservice LLM NIM ==
This software is governed by terms that are compatible with other terms.
{ID}  config.json
sha256:{ID}
- layer sha256:{ID}: pulled
"""


def spoilt() -> dict[str, str]:
    lines = PLAIN.splitlines()
    noise = NOISE.splitlines()
    woven = [text for i, line in enumerate(lines) for text in (noise[i % len(noise)], line)]
    return {
        "noise between the lines": "\n".join([*woven, *noise]),
        "CRLF": PLAIN.replace("\n", "\r\n"),
        "colours": "\n".join(f"\x1b[1;32m{line}\x1b[0m" for line in lines),
        "kubectl --timestamps": "\n".join(f"2026-05-22T09:03:42.752024123Z {line}" for line in lines),
        "kubectl --prefix": "\n".join(f"[pod/nim-0/nim] {line}" for line in lines),
        "both": "\n".join(f"[pod/nim-0/nim] 2026-05-22T09:03:42Z {line}" for line in lines),
        "containerd": "\n".join(f"2026-05-22T09:03:42.75+02:00 stdout F {line}" for line in lines),
        "docker compose": "\n".join(f"nim-1  | {line}" for line in lines),
        "a README's indentation": "\n".join(f"      {line}" for line in lines),
        "no indentation": "\n".join(line.strip() for line in lines),
        "a quotation": "\n".join(f"> {line}" for line in lines),
        "a shell script's remark": "\n".join(f"# {line}" for line in lines),
        "a byte order mark": "\n".join(f"\ufeff{line}" for line in lines),
    }


@pytest.mark.parametrize("text", spoilt().values(), ids=spoilt().keys())
def test_what_surrounds_a_listing_does_not_disturb_it(text: str) -> None:
    assert parse_listing(text) == parse_listing(PLAIN)


def test_the_gpus_are_those_of_the_system_info() -> None:
    assert parse_listing(PLAIN).gpus == (
        ListedGpu("2e12:10de", 0, "NVIDIA GB10", free=False, utilization_percent=None),
    )


def test_a_line_that_looks_like_a_profile_and_is_none_is_reported() -> None:
    odd = [f"- {ID.upper()} (vllm)", f"- profile {ID}: ready", f"- {ID} vllm and more"]
    assert parse_listing("MODEL PROFILES\n" + "\n".join(odd)).unparsed == tuple(odd)


def test_a_listed_profile_has_only_the_tags_of_its_name() -> None:
    low, buildable = parse_listing(PLAIN).profiles
    assert (low.id, low.gpu_count, low.min_vram_per_device_gb, low.tags_complete) == (ID, 1, 34.0, False)
    assert (buildable.lora, buildable.tags["trtllm_buildable"]) == (True, "true")


def test_a_profile_that_two_groups_list_is_one_profile() -> None:
    listing = parse_listing(f"MODEL PROFILES\n- {ID} (vllm)\n- {OTHER} (sglang)\n- With LoRA support:\n- {ID} (vllm)\n")
    assert (len(listing.rows), [profile.id for profile in listing.profiles]) == (3, [ID, OTHER])


@pytest.mark.parametrize("text", ["", "hello\nworld\n", "a" * (16 * 1024 * 1024 + 1)])
def test_a_text_that_is_no_listing_is_refused(text: str) -> None:
    with pytest.raises(BadListing):
        parse_listing(text)


def test_groups_without_a_profile_are_a_listing() -> None:
    assert parse_listing("- Compatible with system and runnable: <None>").rows == ()


@settings(max_examples=300)
@given(st.integers(0, len(PLAIN)), st.integers(0, 60), st.text(max_size=12))
def test_a_spoilt_listing_gives_only_profiles_whose_id_stands_in_it(at: int, length: int, new: str) -> None:
    text = PLAIN[:at] + new + PLAIN[at + length :]
    try:
        rows = parse_listing(text).rows
    except BadListing:
        rows = ()
    assert all(row.id in text and (row.name is None or row.name in text) for row in rows)
