"""The engine's LanguageRuntime service: runs programs and policy packs as child processes.

Answers only what the engine asks of a program that is already installed; it generates and packs nothing.
"""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from nim_sandbox.language_plugin import run_program
from nim_sandbox.language_plugin.interpreter import NoInterpreter, environment_of, interpreter
from nim_sandbox.language_plugin.output import stream
from nim_sandbox.language_plugin.packages import installed_packages

VERSION = "3.250.0"
"""Of the SDK that the stock plugin comes with; pinned beside the CLI."""

STOP_SECONDS = 5.0
"""How long a child may take to end after it was asked to."""


class Runtime(language_pb2_grpc.LanguageRuntimeServicer):
    """Children are ended on Cancel and by `stop`; nothing survives this object's process."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._children: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def Handshake(  # noqa: N802 - gRPC method
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        del context
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802 - gRPC method
        del request, context
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetRequiredPackages(  # noqa: N802 - gRPC method
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Empty on purpose: the engine would fetch each plugin that it is told of, and fail where it cannot."""
        del request, context
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(  # noqa: N802 - gRPC method
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        """Empty, like GetRequiredPackages."""
        del request, context
        return language_pb2.GetRequiredPluginsResponse()

    def RuntimeOptionsPrompts(  # noqa: N802 - gRPC method
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        del request, context
        return language_pb2.RuntimeOptionsResponse()

    def InstallDependencies(  # noqa: N802 - gRPC method
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        del request, context
        yield language_pb2.InstallDependenciesResponse(
            stdout=b"The stand-in language plugin installs nothing; run `uv sync`.\n"
        )

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:  # noqa: N802 - gRPC method
        python = self._python(request.info, context)
        version = subprocess.run([python, "--version"], capture_output=True, text=True, check=False).stdout
        return language_pb2.AboutResponse(
            executable=str(python), version=version.removeprefix("Python").strip(), metadata={"stand-in": "nim-sandbox"}
        )

    def GetProgramDependencies(  # noqa: N802 - gRPC method
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        packages = installed_packages(self._python(request.info, context))
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=version) for name, version in packages]
        )

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:  # noqa: N802 - gRPC method
        """Runs the program to its end. Its output goes to our own, which the engine shows."""
        info = request.info
        try:
            python = interpreter(options_of(info), Path(info.root_directory))
        except NoInterpreter as missing:
            return language_pb2.RunResponse(error=str(missing))
        arguments = [
            *("--monitor", request.monitor_address, "--engine", self._engine),
            *("--project", request.project, "--stack", request.stack, "--organization", request.organization),
            *("--root_directory", info.root_directory, "--parallel", str(request.parallel)),
            *(["--dry_run"] if request.dryRun else []),
            str(Path(info.program_directory) / info.entry_point),
            *request.args,
        ]
        # By environment only: an argument list can be read by every user of the machine.
        config = {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        child = self._start(
            [str(python), "-u", run_program.__file__, *arguments],
            env=environment_of(python) | config,
            cwd=request.pwd or info.program_directory,
        )
        context.add_callback(lambda: self._end(child))
        code = child.wait()
        self._forget(child)
        if code == run_program.ALREADY_REPORTED:
            return language_pb2.RunResponse(bail=True)
        if code:
            return language_pb2.RunResponse(error=f"the program ended with exit code {code}")
        return language_pb2.RunResponse()

    def RunPlugin(  # noqa: N802 - gRPC method
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Runs a policy pack or a plugin written in Python; its output is streamed, its exit code comes last."""
        python = self._python(request.info, context)
        program = request.info.program_directory or request.program
        arguments = list(request.args)
        if request.kind == "analyzer":
            command = ["-m", "pulumi.policy", *arguments[:1], program, *arguments[1:]]
        else:
            command = [program, *arguments]
        child = self._start(
            [str(python), "-u", *command],
            env=environment_of(python) | dict(entry.split("=", 1) for entry in request.env),
            cwd=request.pwd or program,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        context.add_callback(lambda: self._end(child))
        for name, chunk in stream(child):
            if name == "stdout":
                yield language_pb2.RunPluginResponse(stdout=chunk)
            else:
                yield language_pb2.RunPluginResponse(stderr=chunk)
        code = child.wait()
        self._forget(child)
        yield language_pb2.RunPluginResponse(exitcode=code)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802 - gRPC method
        del request, context
        self.stop()
        return empty_pb2.Empty()

    def stop(self) -> None:
        """Asks every child to end, then ends it."""
        with self._lock:
            children = list(self._children)
        for child in children:
            self._end(child)

    def _python(self, info: language_pb2.ProgramInfo, context: grpc.ServicerContext) -> Path:
        try:
            return interpreter(options_of(info), Path(info.root_directory))
        except NoInterpreter as missing:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(missing))
            raise

    def _start(
        self, command: list[str], env: Mapping[str, str], cwd: str, stdout: int | None = None, stderr: int | None = None
    ) -> subprocess.Popen[bytes]:
        folder = cwd if os.path.isdir(cwd) else os.path.dirname(cwd)  # noqa: PTH112, PTH120 - the engine sends text
        child = subprocess.Popen(command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        with self._lock:
            self._children.add(child)
        return child

    def _forget(self, child: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._children.discard(child)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        if child.poll() is not None:
            return
        child.send_signal(signal.SIGINT)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def options_of(info: language_pb2.ProgramInfo) -> Mapping[str, object]:
    options: struct_pb2.Struct = info.options
    return json_format.MessageToDict(options)
