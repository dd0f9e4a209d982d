"""What stack files want, read without Pulumi."""

from pathlib import Path

from nim_profiles.lock_check import Want
from nim_profiles.stack_wants import read_wants


def test_every_endpoint_of_every_stack_file_is_a_want(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.b.yaml").write_text("config:\n  nim:endpoints:\n    x: {image: i, profile: p, replicas: 2}\n")
    (tmp_path / "Pulumi.a.yaml").write_text(
        "encryptionsalt: s\nconfig:\n  nim:endpoints:\n    y: {image: j, profile: q}\n    z: {image: only}\n"
    )
    (tmp_path / "Pulumi.yaml").write_text("name: program\n")
    assert read_wants(tmp_path) == (
        (
            Want("j", "q", f"{tmp_path}/Pulumi.a.yaml: nim:endpoints.y"),
            Want("i", "p", f"{tmp_path}/Pulumi.b.yaml: nim:endpoints.x"),
        ),
        (),
    )


def test_a_stack_file_that_is_no_yaml_is_a_fault_and_the_others_are_still_read(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.a.yaml").write_text("config: [\n")
    (tmp_path / "Pulumi.b.yaml").write_text("config:\n  nim:endpoints:\n    x: {image: i, profile: p}\n")
    wants, faults = read_wants(tmp_path)
    assert len(wants) == 1
    assert len(faults) == 1
    assert faults[0].startswith(f"{tmp_path}/Pulumi.a.yaml: line ")


def test_a_folder_without_stack_files_is_a_fault(tmp_path: Path) -> None:
    assert "has no stack file" in read_wants(tmp_path)[1][0]


def test_a_stack_says_which_ways_to_name_a_profile_it_allows(tmp_path: Path) -> None:
    config = "config:\n  nim:profile_selection: [id, default]\n  nim:endpoints: {x: {image: i, profile: default}}\n"
    (tmp_path / "Pulumi.a.yaml").write_text(config, encoding="utf-8")
    (want,), faults = read_wants(tmp_path)
    assert (want.allowed, faults) == (("id", "default"), ())


def test_an_image_that_a_sandbox_builds_is_no_want(tmp_path: Path) -> None:
    config = "config:\n  nim:endpoints: {x: {image: 'sandbox.local/tiny:1', profile: p}}\n"
    (tmp_path / "Pulumi.a.yaml").write_text(config, encoding="utf-8")
    assert read_wants(tmp_path) == ((), ())
