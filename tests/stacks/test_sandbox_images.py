from pathlib import Path

import pytest

from nim_profiles.lock import Lock
from nim_sandbox.images import nim
from nim_sandbox.images.lock import lock_images
from stacks.faults import BadStackFile
from stacks.sandbox_images import made_here, own_images, pinned

IMAGE = nim.REFERENCES[2]
FILE = "stacks/Pulumi.real.yaml"


def content(image: str = IMAGE, **cluster: str) -> dict[str, object]:
    return {"cluster": cluster or {"sandbox": "real"}, "endpoints": {"tiny": {"image": image, "replicas": 1}}}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NIM_SANDBOX_HOME", raising=False)
    return tmp_path


def test_an_image_of_this_machine_is_pinned_by_the_digest_that_was_built(root: Path) -> None:
    digest = f"sha256:{'5' * 64}"
    lock_images(root / ".sandbox", {IMAGE: digest}, {IMAGE: nim.manifest(2)})
    raw, lock = pinned(content(), Lock(), root, FILE)
    reference = f"{IMAGE}@{digest}"
    assert raw["endpoints"] == {"tiny": {"image": reference, "replicas": 1}}
    assert lock.image(reference).model == "tiny/llama"


def test_an_image_that_was_not_built_is_refused_with_the_command(root: Path) -> None:
    with pytest.raises(BadStackFile) as refused:
        pinned(content(), Lock(), root, FILE)
    assert str(refused.value) == (
        f"{FILE}: nim:endpoints.tiny.image: found {IMAGE}, which this machine has not built yet; "
        f"run `nim-sandbox images {IMAGE}`, which `make up` does by itself"
    )


def test_a_damaged_lock_of_this_machine_is_told_by_its_own_faults(root: Path) -> None:
    (root / ".sandbox").mkdir()
    (root / ".sandbox/images.lock.yaml").write_text("images: {}\n")
    with pytest.raises(BadStackFile, match="version is missing"):
        pinned(content(), Lock(), root, FILE)


@pytest.mark.parametrize(
    "raw",
    [
        content(context="prod"),
        content("nvcr.io/nim/tiny/llama:2.0.0"),
        content(f"{IMAGE}@sha256:{'0' * 64}"),
        {"cluster": {"sandbox": "real"}, "endpoints": {"tiny": "text"}},
        {"cluster": [], "endpoints": {}},
    ],
)
def test_everything_else_stays_as_it_is_written(raw: dict[str, object], root: Path) -> None:
    assert [*own_images(raw)] == []
    assert pinned(raw, Lock(), root, FILE) == (raw, Lock())


def test_what_is_made_here_is_told_without_its_digest_and_once() -> None:
    other = f"nvcr.io/nim/meta/llama:2.0.6@sha256:{'3' * 64}"
    own = f"sandbox.local/nim/tiny/llama:2.0.0@sha256:{'4' * 64}"
    assert made_here([own, other, own]) == ("sandbox.local/nim/tiny/llama:2.0.0",)
