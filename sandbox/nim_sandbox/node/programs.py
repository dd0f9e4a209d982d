"""Runc and the CNI plugins, which no Go module gives: those of this machine, else Debian's packages in the cache."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from nim_sandbox.cache import Cache
from nim_sandbox.images.debian import unpack
from nim_sandbox.node.settings import Installed
from nim_sandbox.tools import path_without_venv

PLUGINS = ("bridge", "host-local", "loopback")
PLUGIN_FOLDERS = (Path("/opt/cni/bin"), Path("/usr/lib/cni"))
"""Where containerd's own documentation, and Debian, put them."""
PACKAGES: Mapping[str, str] = {"runc": "usr/sbin/runc", "containernetworking-plugins": "usr/lib/cni/bridge"}
"""Debian's package, and the file in it that is looked for."""
VERSION = "debian"
"""In the cache: whatever this machine's Debian had."""


def find(cache: Cache, folders: tuple[Path, ...] = PLUGIN_FOLDERS) -> tuple[Path | None, Path | None]:
    """Runc and the folder of the plugins, each None where nobody has provided it."""
    on_path = shutil.which("runc", path=f"{path_without_venv()}:/usr/sbin:/sbin")
    runc = Path(on_path) if on_path else cache.find("runc", VERSION)
    plugins = next((one for one in folders if all((one / plugin).exists() for plugin in PLUGINS)), None)
    if plugins is None and (bridge := cache.find("containernetworking-plugins", VERSION)) is not None:
        plugins = bridge.resolve().parent
    return runc, plugins


def provide(report: Callable[[str], None]) -> Installed:
    """Made where missing; nothing is installed. Raises BuildFailed."""
    cache = Cache.of()

    def package(name: str) -> None:
        def fill(folder: Path) -> None:
            report(f"{name}: not on this machine; unpacking Debian's package of it, about 1 min")
            unpack((name,), folder / "root", folder / "work", report)
            shutil.rmtree(folder / "work")
            (folder / name).symlink_to(Path("root", PACKAGES[name]))

        cache.provide(name, VERSION, fill, report)

    runc, plugins = find(cache)
    if runc is None:
        package("runc")
    if plugins is None:
        package("containernetworking-plugins")
    runc, plugins = find(cache)
    if runc is None or plugins is None:
        raise AssertionError("both have just been provided")
    return Installed(runc, plugins)
