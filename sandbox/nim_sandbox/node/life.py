"""What runs in the node's namespaces, from its first process on."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nim_sandbox.cache import Cache
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.images.layout import digest_of
from nim_sandbox.images.recipe import cached_digests
from nim_sandbox.node.file_system import enter
from nim_sandbox.node.images import ctr, forget, load, write_pause_layout
from nim_sandbox.node.settings import (
    ADDRESS,
    BRIDGE,
    CONTAINERD_SOCKET,
    NODE_NAME,
    STATE,
    SUBNET,
    Installed,
    cgroup,
    cni_config,
    containerd_config,
    kubelet_config,
)

RESTART_SECONDS = 1.0
CONTAINERD_SECONDS = 60.0
"""For containerd to listen; usual: under one."""


@dataclass(frozen=True, slots=True)
class Node:
    folder: SandboxFolder
    programs: Mapping[str, Path]
    installed: Installed
    images: Path
    """containerd's folder."""
    api_port: int
    """Of the API server, on the machine's loopback."""
    health_port: int
    """There too: whoever asks there is answered by the kubelet."""

    @property
    def cgroup(self) -> str:
        return cgroup(self.folder.root)

    def live(self, machine: int) -> None:
        """As number 1 of its own process ids. `machine`: descriptor of the machine's network. Never returns."""
        enter(self.folder.node, self.images)
        _make_network()
        self._write_settings()
        self._keep_running(self._commands(machine))

    def _write_settings(self) -> None:
        (STATE / "cni").mkdir(exist_ok=True)
        (STATE / "cni/10-nim-sandbox.conflist").write_text(cni_config(), encoding="utf-8")
        (STATE / "containerd.toml").write_text(containerd_config(self.installed), encoding="utf-8")
        (STATE / "kubelet.json").write_text(kubelet_config(self.folder.certificates, self.cgroup), encoding="utf-8")
        (STATE / "resolv.conf").touch()

    def _commands(self, machine: int) -> Mapping[str, tuple[str, ...]]:
        """In the order of their start."""
        keys = self.folder.certificates
        return {
            "containerd": (str(self.programs["containerd"]), f"--config={STATE}/containerd.toml"),
            "node-agent": (
                *(sys.executable, "-m", "nim_sandbox.node.agent", f"--kubeconfig={keys}/node-agent.kubeconfig"),
                *(f"--door={self.folder.door}", f"--api-port={self.api_port}"),
                *(f"--health-port={self.health_port}", f"--machine={machine}"),
            ),
            "kubelet": (
                *(str(self.programs["kubelet"]), f"--config={STATE}/kubelet.json"),
                *(f"--kubeconfig={keys}/kubelet.kubeconfig", f"--hostname-override={NODE_NAME}"),
                *(f"--node-ip={ADDRESS}", "--root-dir=/var/lib/kubelet"),
            ),
        }

    def _keep_running(self, commands: Mapping[str, tuple[str, ...]]) -> None:
        """As an init does: what ends is started again, and what lost its parent is collected."""
        running: dict[int, str] = {}
        for name, command in commands.items():
            running[self._start(name, command)] = name
            if name == "containerd":
                self._prepare_images()
        while True:
            ended, _ = os.waitpid(-1, 0)
            if (name := running.pop(ended, "")) in commands:
                time.sleep(RESTART_SECONDS)
                running[self._start(name, commands[name])] = name

    def _start(self, name: str, command: tuple[str, ...]) -> int:
        # containerd finds its shim on PATH.
        path = f"{self.programs['containerd-shim-runc-v2'].parent}:{os.environ['PATH']}"
        log = self.folder.logs / f"{name}.log"
        return os.posix_spawn(
            command[0],
            command,
            {**os.environ, "PATH": path},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
        )

    def _prepare_images(self) -> None:
        deadline = time.monotonic() + CONTAINERD_SECONDS
        while not Path(CONTAINERD_SOCKET).exists():
            if time.monotonic() > deadline:
                sys.exit(f"containerd does not listen after {CONTAINERD_SECONDS:.0f} s")
            time.sleep(0.05)
        layout = self.folder.node / "pause"
        if not layout.exists():
            write_pause_layout(layout, self.programs["nim-pause"])
        command = ctr(self.programs["ctr"])
        load(layout, command, print)
        # The store ends with the cache: what nobody can load any more nobody has to find unpacked.
        forget(command, {digest_of(layout), *cached_digests(Cache.of())})


def _make_network() -> None:
    for words in (
        ("link", "set", "lo", "up"),
        ("link", "add", BRIDGE, "type", "bridge"),
        ("address", "add", f"{ADDRESS}/{SUBNET.partition('/')[2]}", "dev", BRIDGE),
        ("link", "set", BRIDGE, "up"),
    ):
        subprocess.run(["ip", *words], check=True)
