import sys
from pathlib import Path

import pytest

from nim_launcher.chosen import choose, manifest_of, manifest_path
from nim_launcher.refusal import ExitCode, Refused
from nim_profiles.manifest import Manifest
from tests.launcher.fake_nvml import A10G, L40S
from tests.launcher.samples import machine, profile

CPU, SMALL, LARGE, BIG = (
    profile(gpu="cpu", precision="fp32"),
    profile(min_vram_per_device_gb="20.0"),
    profile(min_vram_per_device_gb="40.0"),
    profile(min_vram_per_device_gb="90.0"),
)
MANIFEST = Manifest("2.1", "m", "1", (CPU, SMALL, LARGE, BIG))


def refusal(wanted: str | None, of: Manifest = MANIFEST) -> str:
    with pytest.raises(Refused) as refused:
        choose(of, wanted, None)
    assert refused.value.code is ExitCode.PROFILE
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_an_id_and_a_name_are_taken_whatever_the_machine_is() -> None:
    assert choose(MANIFEST, LARGE.id, None).profile == LARGE
    assert choose(MANIFEST, LARGE.name.upper(), None).profile == LARGE


def test_nobody_asking_gives_the_best_that_runs_here() -> None:
    assert choose(MANIFEST, None, machine(A10G)).profile == SMALL
    assert choose(MANIFEST, "default", machine(L40S)).profile == SMALL
    assert choose(MANIFEST, None, None).profile == CPU


def test_a_choice_left_open_says_what_it_costs() -> None:
    assert any("Pin the id" in note for note in choose(MANIFEST, None, machine(L40S)).notes)


def test_a_wrong_id_is_refused_with_the_closest_in_one_line() -> None:
    assert f"{SMALL.id} ({SMALL.name})" in refusal(SMALL.id[:-1] + "z")


def test_an_id_with_its_name_is_refused() -> None:
    assert "an id and a name in one" in refusal(f"{SMALL.id} ({SMALL.name})")


def test_nothing_that_runs_is_refused_with_what_each_lacks() -> None:
    assert "none of the manifest's profiles is for CPUs" in refusal(None, Manifest("2.1", "m", "1", (BIG,)))


def test_a_missing_blake3_costs_the_check_of_the_id_but_not_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "blake3", None)
    assert any("no blake3" in note for note in choose(MANIFEST, SMALL.id, None).notes)


def test_an_id_that_is_no_hash_of_its_tags_is_a_note() -> None:
    made_up = profile().__class__("ab" * 32, "vllm-bf16-tp1-pp1", profile().tags)
    (note,) = choose(Manifest("2.1", "m", "1", (made_up,)), made_up.id, None).notes
    assert note == f"the id is not the hash of the tags, which would be {profile().id}"


def test_the_manifest_lies_beside_the_zip_application_or_where_the_variable_says() -> None:
    assert manifest_path({}, Path("/launcher/nim-launcher.zip")) == Path("/launcher/model_manifest.yaml")
    assert manifest_path({"NIM_LAUNCHER_MANIFEST": "/m.yaml"}, Path("/z")) == Path("/m.yaml")


def test_a_manifest_that_is_away_or_broken_is_refused_with_every_fault(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        manifest_of(tmp_path / "absent.yaml")
    assert refused.value.code is ExitCode.MANIFEST
    (tmp_path / "broken.yaml").write_text("profiles: [{id: x}, {id: y}]\nschema_version: '2.1'\n")
    with pytest.raises(Refused) as refused:
        manifest_of(tmp_path / "broken.yaml")
    assert len(refused.value.faults) == 4


def test_a_missing_blake3_leaves_a_wrong_id_its_nearest_by_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "blake3", None)
    with pytest.raises(Refused, match=f"{SMALL.id}.*: another id, whose tags are not known"):
        choose(MANIFEST, "0" * 64, None)
