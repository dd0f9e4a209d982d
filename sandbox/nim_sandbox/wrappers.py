"""What `nim-sandbox tools` puts into the virtual environment: `pulumi`, and plugins by the names the engine seeks."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from nim_sandbox.cache import Cache
from nim_sandbox.download import DownloadFailed, Downloads
from nim_sandbox.environment import sandbox_environment
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.tools import VENV_BIN, path_without_venv
from nim_sandbox.versions import Plugin, filled, version_table

LANGUAGE_PLUGIN = "pulumi-language-python"


def pulumi_wrapper(pulumi: Path, home: Path) -> str:
    """A script that is `pulumi`; asked for the stack `local` by name, it defaults to that sandbox while it exists.

    Only then: the state of any other stack must never come to lie in a folder that goes with a sandbox. `home` is
    where sandboxes live unless NIM_SANDBOX_HOME, an absolute path, says otherwise.
    """
    local = SandboxFolder(Path("$local"))  # the script's own variable: the folder is known when it runs
    defaults = [
        f'  [ -n "${{{key}+set}}" ] || export {key}="{value}"' for key, value in sandbox_environment(local).items()
    ]
    return "\n".join(
        [
            "#!/bin/sh",
            "# Written by `nim-sandbox tools`: with `--stack local`, what is not set is that of the sandbox `local`.",
            f"home={shlex.quote(str(home))}",
            'local="${NIM_SANDBOX_HOME:-$home}/local"',
            'case " $* " in *" -s local "*|*" --stack local "*|*" -s=local "*|*" --stack=local "*)',
            f'  if [ -e "{local.pulumi_state}" ]; then',
            *defaults,
            "  fi",
            "esac",
            f'exec {shlex.quote(str(pulumi))} "$@"',
            "",
        ]
    )


def stand_in(module: str, python: Path) -> str:
    """A script that runs one of our own plugins in this virtual environment."""
    return f'#!/bin/sh\nexec {shlex.quote(str(python))} -m {module} "$@"\n'


def put_within_reach(pulumi: Path, home: Path, report: Callable[[str], None]) -> None:
    """Writes or removes the virtual environment's `pulumi` and plugins, as far as they are not as they should be."""
    stock = pulumi.parent in _path_folders()
    _set(VENV_BIN / "pulumi", None if stock else pulumi_wrapper(pulumi, home))
    python = Path(sys.executable)
    beside = pulumi.resolve().parent / LANGUAGE_PLUGIN
    genuine = beside.exists() or shutil.which(LANGUAGE_PLUGIN, path=path_without_venv()) is not None
    if _set(VENV_BIN / LANGUAGE_PLUGIN, None if genuine else stand_in("nim_sandbox.language_plugin", python)):
        report(f"{LANGUAGE_PLUGIN}: not beside pulumi (only the stock CLI brings it): using nim_sandbox's stand-in")
    for plugin in version_table().plugins.values():
        _provide_plugin(plugin, python, report)


def _provide_plugin(plugin: Plugin, python: Path, report: Callable[[str], None]) -> None:
    try:
        version = metadata.version(plugin.distribution)
    except metadata.PackageNotFoundError:
        return
    target = VENV_BIN / plugin.name
    script = stand_in(plugin.stand_in, python)
    genuine = _find_plugin(plugin, version)
    if genuine is None and _content(target) == script:
        return  # a download that failed once is not tried at every call
    genuine = genuine or _download_plugin(plugin, version, report)
    if genuine is None:
        _set(target, script)
        report(f"{plugin.name} {version}: neither found nor downloaded: using nim_sandbox's stand-in, a test double")
    elif genuine.parent in _path_folders():
        _set(target, None)
    elif target.resolve() != genuine.resolve():
        # The sandbox has a PULUMI_HOME of its own, so the engine finds a plugin only on PATH.
        target.unlink(missing_ok=True)
        target.symlink_to(genuine)


def _path_folders() -> set[Path]:
    return {Path(p) for p in path_without_venv().split(os.pathsep)}


def _find_plugin(plugin: Plugin, version: str) -> Path | None:
    homes = [Path(home) for home in (os.environ.get("PULUMI_HOME"),) if home] + [Path.home() / ".pulumi"]
    candidates = [home / "plugins" / filled(plugin.plugin_folder, version) / plugin.name for home in homes]
    on_path = shutil.which(plugin.name, path=path_without_venv())
    candidates += [Path(on_path)] if on_path else []
    return next((path for path in candidates if path.exists()), None)


def _download_plugin(plugin: Plugin, version: str, report: Callable[[str], None]) -> Path | None:
    def fill(folder: Path) -> None:
        Downloads(report).fetch(
            filled(plugin.download, version), filled(plugin.checksums, version), folder, plugin.name
        )

    try:
        return Cache.of().provide(plugin.name, version, fill, report)
    except DownloadFailed:
        return None


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() and not path.is_symlink() else None


def _set(path: Path, script: str | None) -> bool:
    """Writes the script, or removes what is there; says whether anything changed."""
    if script is None:
        if path.exists() or path.is_symlink():
            path.unlink()
            return True
        return False
    if _content(path) == script:
        return False
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(script, encoding="utf-8")
    aside.chmod(0o755)
    aside.rename(path)
    return True
