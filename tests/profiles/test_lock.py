"""The lock file: what is written is what is read, one image never touches another, and every fault is told."""

import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.lock import BadLock, Lock, UnlockedImage, migrated
from nim_profiles.locked_image import Download, LockedImage, LockedProfile, Origin, Shape
from nim_profiles.profile_id import profile_id

LLAMA, NANO = "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6", "localhost:5000/nano:2.0.12"
MANIFEST = "stacks/manifests/llama-3.1-8b-instruct_2.0.6.yaml"
DIGEST, OTHER_DIGEST = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def row(*, precision: str = "fp8", vram: str = "27.0", download_bytes: int | None = 9) -> LockedProfile:
    tags = {"tp": "1", "pp": "1", "llm_engine": "vllm", "precision": precision, "min_vram_per_device_gb": vram}
    tags["feat_lora"] = "false"
    return LockedProfile(
        id=profile_id(tags),
        name=f"vllm-{precision}-tp1-pp1-{vram}",
        tags=tags,
        tags_complete=True,
        workspace_hash="ab" * 32,
        download=None if download_bytes is None else Download(bytes=download_bytes, estimated=True, basis="made up"),
    )


def image(*rows: LockedProfile, digest: str = DIGEST) -> LockedImage:
    return LockedImage(
        digest=digest,
        source=Origin(kind="manifest", path="../a.yaml", sha256="c" * 64),
        model="meta/llama-3.1-8b-instruct",
        release="2.0.6",
        shape=Shape(catalogue="meta-llama/Llama-3.1-8B-Instruct"),
        profiles=rows or (row(), row(precision="bf16", vram="33.0")),
    )


LOCK = Lock(images={LLAMA: image(), NANO: image(row(), digest=OTHER_DIGEST)})

text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
hex64 = st.text("0123456789abcdef", min_size=64, max_size=64)
profiles = st.builds(
    LockedProfile,
    id=hex64,
    name=text,
    tags=st.dictionaries(text, text, max_size=4),
    tags_complete=st.booleans(),
    workspace_hash=st.none() | text,
    download=st.none()
    | st.builds(Download, bytes=st.integers(0, 10**13), estimated=st.booleans(), basis=text.filter(bool)),
)
images = st.builds(
    LockedImage,
    digest=hex64.map("sha256:{}".format),
    digest_source=st.none() | text,
    source=st.builds(Origin, kind=st.sampled_from(["manifest", "listing"]), path=st.none() | text, sha256=hex64),
    model=st.none() | text,
    release=st.none() | st.sampled_from(["2.0.6", "1.0", "1e3", "on", ""]),
    shape=st.none() | st.builds(Shape, catalogue=text),
    profiles=st.lists(profiles, min_size=1, max_size=3, unique_by=lambda each: each.id).map(tuple),
)
references = st.from_regex(r"[a-z0-9./]{1,12}:[A-Za-z0-9._-]{1,8}", fullmatch=True)
locks = st.builds(Lock, images=st.dictionaries(references, images, max_size=3))


@given(locks)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_what_is_read(lock: Lock) -> None:
    again = Lock.parse(lock.text, "lock")
    assert again == lock
    assert again.text == lock.text


@given(locks, references, images)
@settings(max_examples=100, deadline=None)
def test_an_image_that_is_added_or_refreshed_leaves_the_rest_byte_identical(
    lock: Lock, reference: str, new: LockedImage
) -> None:
    without = Lock(images={ref: each for ref, each in lock.images.items() if ref != reference})
    part = Lock(images={reference: new}).text.split("images:\n", 1)[1]
    head, found, tail = lock.with_image(reference, new).text.partition(part)
    assert found
    assert (head + tail) == (without.text if without.images else head + tail)


def test_the_order_in_which_images_and_profiles_came_leaves_no_trace() -> None:
    rows = image().rows
    turned = Lock(images={NANO: LOCK.images[NANO], LLAMA: image(*reversed(rows))})
    assert turned.text == LOCK.text


def test_writing_replaces_the_file_as_a_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "nim.lock.yaml"
    Lock().write(path)
    path.chmod(0o640)
    LOCK.write(path)
    assert Lock.read(path) == LOCK
    assert [each.name for each in tmp_path.iterdir()] == ["nim.lock.yaml"]
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "nim.lock.yaml"
    LOCK.write(path)

    def full(_descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        Lock().write(path)
    assert Lock.read(path) == LOCK
    assert [each.name for each in tmp_path.iterdir()] == ["nim.lock.yaml"]


@pytest.mark.parametrize(
    "reference",
    [
        LLAMA,
        f"{LLAMA}@{DIGEST}",
        f"{LLAMA.removesuffix(':2.0.6')}@{DIGEST}",
    ],
)
def test_an_image_is_found_by_tag_by_digest_and_by_both(reference: str) -> None:
    assert LOCK.image(reference) is LOCK.images[LLAMA]


def test_a_port_of_a_registry_is_no_tag() -> None:
    assert LOCK.image(f"localhost:5000/nano@{OTHER_DIGEST}") is LOCK.images[NANO]


def test_a_digest_that_differs_from_the_locked_one_is_refused_with_both() -> None:
    with pytest.raises(UnlockedImage) as refused:
        LOCK.image(f"{LLAMA}@{OTHER_DIGEST}")
    assert DIGEST in str(refused.value)
    assert OTHER_DIGEST in str(refused.value)


def test_an_unknown_image_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnlockedImage) as refused:
        LOCK.image("nvcr.io/nim/meta/other:1.0")
    assert f"{NANO}@{OTHER_DIGEST}, {LLAMA}@{DIGEST}" in str(refused.value)


def test_a_locked_image_gives_profiles_with_their_download_size() -> None:
    fp8 = LOCK.image(LLAMA).profiles[1]
    assert (fp8.name, fp8.download_bytes, fp8.tags_complete) == ("vllm-fp8-tp1-pp1-27.0", 9, True)


def test_every_fault_is_told_at_once_with_file_key_found_and_fix() -> None:
    broken = (
        LOCK.text.replace(DIGEST, "latest").replace("estimated: true", "estimated: maybe").replace("model:", "modle:")
    )
    with pytest.raises(BadLock) as refused:
        Lock.parse(broken, "nim.lock.yaml")
    faults = refused.value.faults
    assert len(faults) == 1 + 3 + 2
    assert all(fault.startswith("nim.lock.yaml: images.") for fault in faults)
    assert any(f"images.{LLAMA}.digest is 'latest': " in fault for fault in faults)
    assert any(f"images.{LLAMA}.modle is not a key of the lock file. Remove it" in fault for fault in faults)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no YAML document in it"),
        ("[]", "version is missing"),
        ("version: '1'\n", "version is missing"),
        ("version: 2\nimages: {}\n", "version is 2, this program reads 1. Update nim-profiles"),
        ("version: 0\nimages: {}\n", "version is 0, this program reads 1. Write it anew"),
        ("version: 1\nimages: {\n", "not YAML"),
        ("version: 1\nversion: 1\nimages: {}\n", "line 2: the key 'version' a second time"),
        ("version: 1\nimages: {no-tag: {}}\n", "no-tag"),
        ("version: 1\nimages: {a: &x [1], b: *x}\n", "is not a key of the lock file|images"),
        ("version: 1\nimages: {? [1] : 2}\n", "line 2: a list as a key"),
        ("version: 1\nimages: 2026-01-01\n", "valid dictionary"),
        ("[" * 100_000, "line 1: nested deeper"),
        (LOCK.text[: LOCK.text.index("    - id: ")].removesuffix("\n") + " []", "at least one profile"),
        (LOCK.text.replace("tp: '1'", "tp: 1", 1), "valid string"),
        (LOCK.text.replace("shape: {", "shape: {config: a, ", 1), "not both"),
        ("<<<<<<< ours\n", "version is missing"),
    ],
)
def test_a_file_that_is_no_lock_file_is_refused(content: str, says: str) -> None:
    with pytest.raises(BadLock, match=says):
        Lock.parse(content, "nim.lock.yaml")


def test_a_profile_that_occurs_twice_is_refused() -> None:
    only = Lock(images={LLAMA: image(row())}).text
    with pytest.raises(BadLock, match="occur more than once"):
        Lock.parse(only + only[only.index("    - id: ") :], "nim.lock.yaml")


def test_a_missing_file_is_refused_with_the_command_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(BadLock, match="Write it with `nim-profiles lock"):
        Lock.read(tmp_path / "nim.lock.yaml")


def test_a_reference_without_a_tag_is_refused() -> None:
    with pytest.raises(BadLock, match="of the form repository:tag"):
        LOCK.with_image("localhost:5000/nano", image())


def test_an_older_version_is_lifted_step_by_step() -> None:
    steps = {0: lambda old: {**old, "images": {}}, 1: lambda old: {**old, "extra": True}}
    assert migrated({"version": 0}, steps, 2, "lock") == {"version": 2, "images": {}, "extra": True}


def test_images_locked_at_the_same_time_are_all_there(tmp_path: Path) -> None:
    lock = tmp_path / "nim.lock.yaml"
    words = [sys.executable, "-m", "nim_profiles.cli", "lock", MANIFEST, "--digest", DIGEST, "--lock", str(lock)]
    started = [Popen([*words, "--image", f"model:{number}"], stdout=PIPE, stderr=PIPE) for number in range(6)]
    assert [one.communicate()[1] for one in started] == [b""] * 6
    assert set(Lock.read(lock).images) == {f"model:{number}" for number in range(6)}
