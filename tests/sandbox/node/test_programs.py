import shutil
from pathlib import Path

import pytest

from nim_sandbox.cache import Cache
from nim_sandbox.node.programs import PLUGINS, find


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    folder = tmp_path / "cni"
    folder.mkdir()
    for plugin in PLUGINS:
        (folder / plugin).touch(mode=0o755)
    return folder


def test_what_the_machine_has_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, plugins: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: "/usr/sbin/runc")
    assert find(Cache(tmp_path), (tmp_path / "none", plugins)) == (Path("/usr/sbin/runc"), plugins)


def test_a_folder_that_lacks_a_plugin_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, plugins: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    (plugins / "loopback").unlink()
    assert find(Cache(tmp_path), (plugins,)) == (None, None)


def test_debians_packages_are_found_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    for name, inside in (("runc", "usr/sbin/runc"), ("containernetworking-plugins", "usr/lib/cni/bridge")):
        folder = tmp_path / name / "debian"
        file = folder / "root" / inside
        file.parent.mkdir(parents=True)
        file.touch(mode=0o755)
        (folder / name).symlink_to(Path("root", inside))
    runc, plugins = find(Cache(tmp_path), ())
    assert runc == tmp_path / "runc/debian/runc"
    assert plugins == tmp_path / "containernetworking-plugins/debian/root/usr/lib/cni"
