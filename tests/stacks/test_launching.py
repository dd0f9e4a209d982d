import dataclasses
import io
import zipfile
from pathlib import Path

import pytest

from nim_profiles.lock import Lock
from nim_profiles.locked_image import LockedImage
from stacks.launching import NoManifest, launcher_of
from stacks.selected import ROOT

FOLDER = ROOT / "stacks"


@pytest.fixture
def image() -> LockedImage:
    return Lock.read(FOLDER / "nim.lock.yaml").image("vllm/vllm-openai:v0.21.0")


def test_the_launcher_brings_itself_and_the_locked_manifest(image: LockedImage) -> None:
    launcher = launcher_of(image, FOLDER)
    assert "nim_launcher/cli.py" in zipfile.ZipFile(io.BytesIO(launcher.program)).namelist()
    assert launcher.manifest == (FOLDER / str(image.source.path)).read_text(encoding="utf-8")
    assert launcher.pre_stop == {"exec": {"command": ["python3", "/opt/nim-launcher/nim-launcher.zip", "stop"]}}


def test_another_manifest_makes_another_digest_and_so_rolls_the_pods(image: LockedImage) -> None:
    launcher = launcher_of(image, FOLDER)
    assert dataclasses.replace(launcher, manifest=launcher.manifest + " ").digest != launcher.digest


def test_a_manifest_that_is_gone_is_named(image: LockedImage, tmp_path: Path) -> None:
    with pytest.raises(NoManifest, match=r"its manifest manifests/.* cannot be read \(No such file or directory\)"):
        launcher_of(image, tmp_path)


def test_a_manifest_that_was_changed_is_refused(image: LockedImage, tmp_path: Path) -> None:
    path = tmp_path / str(image.source.path)
    path.parent.mkdir()
    path.write_text("profiles: []\n", encoding="utf-8")
    with pytest.raises(NoManifest, match="is not the one that was locked; lock the image again"):
        launcher_of(image, tmp_path)
