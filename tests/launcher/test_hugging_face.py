import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from nim_launcher.download import Result, Wanted, download
from nim_launcher.hugging_face import HubFile, has_library
from nim_launcher.refusal import ExitCode, Refused
from nim_launcher.workspace import workspace_folder
from nim_profiles.profile import Artifact
from tests.launcher.samples import profile

CONTENT = b"weights"
ARTIFACT = Artifact(
    "model.safetensors",
    "hf://tiny/llama:v2?file=sub%2Fmodel.safetensors",
    f"sha256:{hashlib.sha256(CONTENT).hexdigest()}",
)
Asked = list[tuple[str, str, dict[str, object]]]


class NoAnswerError(Exception):
    """As the library's own: none of Python's, and with the server's answer."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"{status_code}\nfrom the server")
        self.response = SimpleNamespace(status_code=status_code)


def library(monkeypatch: pytest.MonkeyPatch, content: Callable[[], bytes]) -> Asked:
    """A stand-in for huggingface_hub, and what it is asked."""
    asked: Asked = []

    def hf_hub_download(repository: str, path: str, **options: object) -> str:
        asked.append((repository, path, options))
        place = Path(str(options["local_dir"])) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content())
        return str(place)

    module = ModuleType("huggingface_hub")
    module.__spec__ = ModuleSpec("huggingface_hub", None)
    vars(module)["hf_hub_download"] = hf_hub_download
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    return asked


def fetched(cache: Path) -> Result:
    of = replace(profile(), artifacts=(ARTIFACT,))
    environ = {"HF_ENDPOINT": "http://hub/", "HF_TOKEN": "made-up"}
    result = download(of, cache, Wanted(pause_seconds=0), environ, lambda _: None)
    assert {path.name for path in workspace_folder(cache, of).iterdir()} == {".lock", "model.safetensors"}
    assert (workspace_folder(cache, of) / "model.safetensors").read_bytes() == CONTENT
    return result


def test_the_address_for_those_without_the_library() -> None:
    assert HubFile.of("o/m", "", "a b", {}).address == "https://huggingface.co/o/m/resolve/main/a%20b"


def test_the_library_is_used_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = library(monkeypatch, lambda: CONTENT)
    assert has_library()
    assert fetched(tmp_path).downloaded == 1
    ((repository, path, options),) = asked
    assert (repository, path, options["revision"]) == ("tiny/llama", "sub/model.safetensors", "v2")
    assert (options["endpoint"], options["token"]) == ("http://hub", "made-up")


def test_what_the_library_brings_is_checked_like_everything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library(monkeypatch, lambda: b"others")
    with pytest.raises(Refused) as refused:
        fetched(tmp_path)
    assert refused.value.code == ExitCode.CHECKSUM


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (503, 4)])
def test_what_may_pass_is_tried_again(
    status: int, attempts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bytes:
        raise NoAnswerError(status)

    asked = library(monkeypatch, fail)
    with pytest.raises(Refused, match=f"HubFailed: {status} from the server"):
        fetched(tmp_path)
    assert len(asked) == attempts
