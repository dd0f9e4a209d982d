"""The control plane: real etcd, API server, controllers and scheduler, and kwok in the place of the kubelets."""

import contextlib
import fcntl
import json
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from nim_sandbox import process
from nim_sandbox.certificates import ADMIN, CONTROLLER_MANAGER, KWOK, SCHEDULER, ensure_certificates
from nim_sandbox.components import Component, components, egress_text
from nim_sandbox.extras import EXTRAS, PORTS
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.kubeconfig import kubeconfig_text, write_kubeconfig, write_kubeconfigs
from nim_sandbox.objects import apply_objects, default_service_account_exists
from nim_sandbox.ports import choose_ports
from nim_sandbox.stages import stages_text
from nim_sandbox.tools import locate

READY_SECONDS = 90.0
"""For one component. Usual: 3 s for all of them on two idle cores; a laptop under load takes ten times that."""
ANSWER_SECONDS = 20.0
"""For an API server that runs already to say that it is ready; after that all of it is started anew."""
STOP_SECONDS = 10.0
"""For one component to end by itself before it is killed."""
LOG_LINES = 15


class ControlPlaneFailed(RuntimeError):
    """One component did not come up. Nothing of the control plane runs any more."""

    def __init__(self, component: str, reason: str, log: Path) -> None:
        self.component = component
        self.log = log
        try:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        except FileNotFoundError:
            lines = []
        tail = "".join(f"\n  | {line}" for line in lines) or "\n  | (nothing)"
        super().__init__(f"{component} {reason}; everything started was stopped again. Last lines of {log}:{tail}")


class _PortTaken(Exception):
    """Somebody else took a port between our look and the start."""


class ControlPlane:
    """The processes of one sandbox folder. Every method may be called again, from this or any other process."""

    def __init__(self, root: Path, programs: Mapping[str, Path] | None = None, *, extras: Collection[str] = ()) -> None:
        """`programs` by name; left out, the ones that `nim-sandbox tools` provides. `extras`: names of EXTRAS."""
        self.extras = tuple(EXTRAS[name] for name in sorted(extras))
        self.folder = SandboxFolder(root.absolute())
        self._programs = programs

    @property
    def kubeconfig(self) -> Path:
        """Of the administrator; its context is `nim_sandbox.folder.CONTEXT`."""
        return self.folder.kubeconfig

    def running(self) -> bool:
        """Whether every process that the last start recorded still runs."""
        records = {path.name: process.read_record(path) for path in self._record_paths()}
        alive = all(record is not None and process.alive(record) for record in records.values())
        return alive and records.keys() >= set(self._names())

    def start(self) -> None:
        """Returns once nodes, pods and claims can be made. Does nothing where all of it runs already.

        Cleans up first after a start or a stop that was killed. Raises ControlPlaneFailed; then nothing runs.
        """
        with self._locked():
            if self.running() and self._answers():
                return
            own = {name: path for extra in self.extras for name, path in extra.own_programs.items()}
            found = self._programs if self._programs is not None else locate(set(self._names()) - own.keys())
            programs = {**found, **own}
            self._stop_processes()
            for fresh_ports in (False, True, True, True):
                try:
                    self._start_processes(programs, fresh_ports=fresh_ports)
                except _PortTaken:
                    self._stop_processes()
                except BaseException:
                    self._stop_processes()
                    raise
                else:
                    return
            raise ControlPlaneFailed("etcd", "found its port taken four times over", self._log("etcd"))

    def stop(self, *, keep: bool = False) -> None:
        """Ends the processes, last started first, and removes the folder unless `keep`."""
        if not self.folder.root.exists():
            return
        with self._locked():
            self._stop_processes()
            if not keep:
                shutil.rmtree(self.folder.root)
                with contextlib.suppress(OSError):  # other sandboxes live there
                    self.folder.root.parent.rmdir()

    def _names(self) -> tuple[str, ...]:
        return tuple(c.program for c in self._components(dict.fromkeys(PORTS, 0)))

    def _components(self, ports: Mapping[str, int]) -> tuple[Component, ...]:
        extra = (component for extra in self.extras for component in extra.components(self.folder, ports))
        return (*components(self.folder, ports), *extra)

    def _record_paths(self) -> list[Path]:
        order = {name: index for index, name in enumerate(self._names())}
        found = self.folder.processes.glob("*") if self.folder.processes.exists() else ()
        # What this start does not know was started after all others: an extra.
        return sorted(found, key=lambda path: order.get(path.name, len(order)))

    def _log(self, name: str) -> Path:
        return self.folder.logs / f"{name}.log"

    def _server(self) -> str:
        return f"https://127.0.0.1:{json.loads(self.folder.ports.read_text(encoding='utf-8'))['kube-apiserver']}"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One start or stop at a time, of all processes on this machine."""
        with self._acquired():
            yield

    def _acquired(self) -> TextIO:
        """The lock goes with the folder, so whoever got it after a wait looks whether it still is the one."""
        while True:
            self.folder.root.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                lock = self.folder.lock.open("w")
                fcntl.flock(lock, fcntl.LOCK_EX)
                if self.folder.lock.exists() and self.folder.lock.stat().st_ino == os.fstat(lock.fileno()).st_ino:
                    return lock
                lock.close()

    def _stop_processes(self) -> None:
        for path in reversed(self._record_paths()):
            record = process.read_record(path)
            if record is not None:
                process.stop(record, grace_seconds=STOP_SECONDS)
            path.unlink()
        for extra in EXTRAS.values():
            extra.clean(self.folder)

    def _start_processes(self, programs: Mapping[str, Path], *, fresh_ports: bool) -> None:
        folder = self.folder
        for needed in (folder.logs, folder.processes, folder.pulumi_state, folder.pulumi_home):
            needed.mkdir(parents=True, exist_ok=True)
        ensure_certificates(folder.certificates)
        ports = choose_ports(PORTS, folder.ports, fresh=fresh_ports)
        write_kubeconfigs(self._server(), folder.certificates, (CONTROLLER_MANAGER, SCHEDULER, KWOK))
        write_kubeconfig(folder.kubeconfig, kubeconfig_text(self._server(), folder.certificates, ADMIN))
        folder.stages.write_text(stages_text(), encoding="utf-8")
        folder.egress.write_text(egress_text(folder), encoding="utf-8")

        etcd, api_server, *others = self._components(ports)
        self._launch(etcd, programs)
        self._wait(etcd, [etcd])
        self._launch(api_server, programs)
        self._wait(api_server, [etcd, api_server])
        apply_objects(folder.kubeconfig)
        for extra in EXTRAS.values():
            if extra in self.extras:
                extra.prepare(folder, ports)
            else:
                extra.withdraw(folder)
        for component in others:
            self._launch(component, programs)
        everything = [etcd, api_server, *others]
        for component in others:
            self._wait(component, everything)
        self._wait_until_pods_can_be_made(everything)

    def _launch(self, component: Component, programs: Mapping[str, Path]) -> None:
        log = self._log(component.program)
        log.unlink(missing_ok=True)
        argv = [str(programs[component.program]), *component.arguments]
        record = self.folder.processes / component.program
        process.start(argv, record=record, log=log, environment=component.environment)

    def _wait(self, component: Component, started: Sequence[Component]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._healthy(component.health):
            self._raise_if_one_ended(started)
            if time.monotonic() > deadline:
                raise ControlPlaneFailed(
                    component.program, f"was not ready after {READY_SECONDS:.0f} s", self._log(component.program)
                )
            time.sleep(0.05)

    def _raise_if_one_ended(self, started: Sequence[Component]) -> None:
        for component in started:
            record = process.read_record(self.folder.processes / component.program)
            if record is None or not process.alive(record):
                log = self._log(component.program)
                if log.exists() and "address already in use" in log.read_text(encoding="utf-8", errors="replace"):
                    raise _PortTaken
                raise ControlPlaneFailed(component.program, "ended during the start", log)

    def _wait_until_pods_can_be_made(self, started: Sequence[Component]) -> None:
        """The API server refuses pods until the controllers have made the namespace's default service account."""
        deadline = time.monotonic() + READY_SECONDS
        while not default_service_account_exists(self.folder.kubeconfig):
            self._raise_if_one_ended(started)
            if time.monotonic() > deadline:
                name = "kube-controller-manager"
                raise ControlPlaneFailed(name, "made no service account", self._log(name))
            time.sleep(0.05)

    def _answers(self) -> bool:
        """Patient: a busy machine is no reason to start anew what runs."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while not (healthy := self._healthy(f"{self._server()}/readyz")) and time.monotonic() < deadline:
            time.sleep(0.2)
        return healthy

    def _healthy(self, url: str) -> bool:
        keys = self.folder.certificates
        try:
            context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
            context.load_cert_chain(keys / f"{ADMIN.file}.crt", keys / f"{ADMIN.file}.key")
            opener = urllib.request.build_opener(
                urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
            )
            with opener.open(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False
