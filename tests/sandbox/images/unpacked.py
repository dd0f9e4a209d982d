"""Runs what an image holds without a container runtime: its layers unpacked, read-only, as the image's user."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from nim_sandbox.images.layout import config_of, layer_paths

ENTER = """\
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -o remount,bind,ro "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /sys "$ROOT/sys"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount --bind "$CACHE" "$ROOT/opt/nim/.cache"
exec chroot --userspec="$RUN_AS" "$ROOT" /usr/bin/env -i "$@"
"""
MOUNT_POINTS = ("proc", "sys", "dev", "opt/nim/.cache")
"""A runtime makes them too."""


@dataclass(frozen=True)
class Unpacked:
    """`cache` is the one place that the user may write, beside /tmp."""

    root: Path
    cache: Path
    user: str
    env: dict[str, str]
    entrypoint: list[str]

    @classmethod
    def of(cls, layout: Path, folder: Path) -> "Unpacked":
        root, cache = folder / "root", folder / "cache"
        root.mkdir(parents=True)
        cache.mkdir()
        os.chown(cache, 1000, 1000)
        for layer in layer_paths(layout):
            subprocess.run(["tar", "-x", "-p", "-f", layer, "-C", root], check=True)
        for point in MOUNT_POINTS:
            (root / point).mkdir(parents=True, exist_ok=True)
        config = config_of(layout)
        env = dict(pair.split("=", 1) for pair in config["Env"])
        return cls(root, cache, config["User"], env, config["Entrypoint"])

    def remove(self) -> None:
        """Large ones should not wait for pytest to forget them."""
        shutil.rmtree(self.root)

    def start(self, *words: str, log: Path, **env: str) -> subprocess.Popen[bytes]:
        with log.open("wb") as out:
            return subprocess.Popen(
                self._argv(words, env), env=self._environ(), stdout=out, stderr=out, start_new_session=True
            )

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._argv(words, env), env=self._environ(), capture_output=True, text=True, check=False, timeout=120
        )

    def _argv(self, words: tuple[str, ...], env: dict[str, str]) -> list[str]:
        """Without words the image's own entry point runs."""
        pairs = [f"{name}={value}" for name, value in {**self.env, **env}.items()]
        inside = ["unshare", "--mount", "--", "/bin/sh", "-c", ENTER, "enter"]
        return [*inside, *pairs, *(words or self.entrypoint)]

    def _environ(self) -> dict[str, str]:
        variables = {"ROOT": str(self.root), "CACHE": str(self.cache), "RUN_AS": self.user}
        return {"PATH": os.environ["PATH"], **variables}
