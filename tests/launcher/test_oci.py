import hashlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from nim_launcher.download import Result, Wanted, download
from nim_launcher.refusal import ExitCode, Refused
from nim_launcher.workspace import workspace_folder
from nim_profiles.profile import Artifact, Profile
from tests.launcher.registry import LIE, NAME, login, registry
from tests.launcher.samples import profile

FILES = {"config.json": b"{}", "model.safetensors": bytes(range(256)) * 300, "original/empty": b""}
PLAIN = profile()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).write_bytes(content)
    return tmp_path / "files"


def wanted(algorithm: str | None = "sha256") -> Profile:
    def checksum(content: bytes) -> str | None:
        return f"{algorithm}:{hashlib.sha256(content).hexdigest()}" if algorithm else None

    artifacts = tuple(Artifact(name, "ngc://x?file=y", checksum(content)) for name, content in FILES.items())
    return replace(PLAIN, artifacts=artifacts)


def fetched(address: str, cache: Path, environ: Mapping[str, str], of: Profile | None = None) -> Result:
    of = of or wanted()
    result = download(of, cache, Wanted(base=address, pause_seconds=0), environ, lambda _: None)
    folder = workspace_folder(cache, of)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    return result


def refusal(address: str, cache: Path, environ: Mapping[str, str], of: Profile | None = None) -> tuple[ExitCode, str]:
    with pytest.raises(Refused) as refused:
        fetched(address, cache, environ, of)
    return refused.value.code, str(refused.value)


def test_an_artifact_brings_its_files_by_tag_and_by_digest(files: Path, tmp_path: Path) -> None:
    with registry(files) as hub:
        assert fetched(hub.address, tmp_path / "by-tag", {}).downloaded == 3
        assert fetched(f"oci+http://{hub.host}/{NAME}@{hub.digest}", tmp_path / "by-digest", {}).downloaded == 3


def test_the_manifest_is_asked_for_once_and_not_at_all_when_everything_is_there(files: Path, tmp_path: Path) -> None:
    with registry(files) as hub:
        fetched(hub.address, tmp_path / "cache", {})
        assert [path for path, _ in hub.requests if "manifests" in path] == [f"/v2/{NAME}/manifests/1.0"]
        hub.requests.clear()
        assert fetched(hub.address, tmp_path / "cache", {}).kept == 3
        assert hub.requests == []


def test_the_workspace_may_stand_in_the_address(files: Path, tmp_path: Path) -> None:
    of = replace(wanted(), workspace_hash="1")
    with registry(files) as hub:
        assert fetched(hub.address.replace(":1.0", ":{workspace}.0"), tmp_path / "cache", {}, of).downloaded == 3


def test_a_half_file_is_gone_on_with(files: Path, tmp_path: Path) -> None:
    with registry(files) as hub:
        folder = workspace_folder(tmp_path / "cache", wanted())
        (folder / ".partial").mkdir(parents=True)
        of = wanted().artifacts[1]
        name = hashlib.sha256(f"{of.path}\n{of.checksum}\n{of.size_bytes}".encode()).hexdigest()
        (folder / ".partial" / name).write_bytes(FILES["model.safetensors"][:50_000])
        result = fetched(hub.address, tmp_path / "cache", {})
        assert "bytes=50000-" in [asked for _, asked in hub.requests]
        assert result.bytes == sum(map(len, FILES.values())) - 50_000


def test_a_closed_registry_gives_a_token_for_the_credentials_of_a_pull_secret(files: Path, tmp_path: Path) -> None:
    with registry(files, closed=True, redirects=True) as hub:
        fetched(hub.address, tmp_path / "cache", login(tmp_path / "docker", hub.host))
        assert hub.tokens_given == 1


def test_a_token_that_has_run_out_is_renewed(files: Path, tmp_path: Path) -> None:
    with registry(files, closed=True) as hub:
        hub.requests_per_token = 2
        fetched(hub.address, tmp_path / "cache", login(tmp_path / "docker", hub.host))
        assert hub.tokens_given == 2


def test_without_credentials_a_closed_registry_refuses(files: Path, tmp_path: Path) -> None:
    with registry(files, closed=True) as hub:
        code, text = refusal(hub.address, tmp_path / "cache", {})
    assert (code, "cannot be read (without credentials)" in text) == (ExitCode.DOWNLOAD, True)


def test_the_registrys_digest_checks_files_that_nothing_else_can_check(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "blake3", None)
    with registry(files) as hub:
        assert fetched(hub.address, tmp_path / "none", {}, wanted(None)).unverified == 0
        assert fetched(hub.address, tmp_path / "blake3", {}, wanted("blake3")).unverified == 0


def test_a_manifest_that_is_not_the_pinned_one_is_refused(files: Path, tmp_path: Path) -> None:
    with registry(files) as hub:
        code, text = refusal(f"oci+http://{hub.host}/{NAME}@{LIE}", tmp_path / "cache", {})
    assert (code, "answered with another manifest" in text) == (ExitCode.CHECKSUM, True)


def test_an_artifact_without_titles_or_without_the_file_says_so(files: Path, tmp_path: Path) -> None:
    with registry(files, titled=False) as hub:
        assert "push the files with `oras push`" in refusal(hub.address, tmp_path / "cache", {})[1]
    (files / "config.json").unlink()
    with registry(files) as hub:
        text = refusal(hub.address, tmp_path / "cache", {})[1]
    assert "has no file config.json, only model.safetensors, original/empty" in text


@pytest.mark.parametrize(
    "address",
    ["oci://host/name", "oci://host:5000", "oci+http://host/Name:1", "oci://h/n@sha256:1"],
    ids=["no tag", "no name", "capital letter", "half a digest"],
)
def test_what_is_no_address_of_an_artifact_is_refused(address: str, tmp_path: Path) -> None:
    code, text = refusal(address, tmp_path / "cache", {})
    assert code == ExitCode.SETTING
    assert text.endswith(f"{address} is no artifact of a registry: write oci://HOST/NAME:TAG")


def test_a_broken_docker_configuration_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("no JSON")
    code, text = refusal("oci://host/name:1", tmp_path / "cache", {"DOCKER_CONFIG": str(tmp_path)})
    assert (code, f"{tmp_path}/config.json is no configuration of Docker's" in text) == (ExitCode.SETTING, True)
