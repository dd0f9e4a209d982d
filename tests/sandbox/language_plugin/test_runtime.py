"""The service as the engine calls it, over gRPC."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from nim_sandbox.language_plugin.runtime import Runtime


@pytest.fixture
def stub() -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
    runtime = Runtime(engine="")
    server = grpc.server(ThreadPoolExecutor(4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(runtime, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield language_pb2_grpc.LanguageRuntimeStub(channel)
    runtime.stop()
    server.stop(None).wait()


def info(folder: Path, **options: str) -> language_pb2.ProgramInfo:
    made = language_pb2.ProgramInfo(root_directory=str(folder), program_directory=str(folder), entry_point=".")
    made.options.update(options)
    return made


def plugin(folder: Path, source: str) -> language_pb2.RunPluginRequest:
    (folder / "__main__.py").write_text(source)
    return language_pb2.RunPluginRequest(
        pwd=str(folder), info=info(folder), kind="resource", args=["one"], env=["GREETING=hello"]
    )


def test_a_plugins_output_is_streamed_and_its_exit_code_comes_last(
    stub: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    source = "import os, sys; print(os.environ['GREETING'], sys.argv[1]); print('oh', file=sys.stderr); sys.exit(3)"
    answers = list(stub.RunPlugin(plugin(tmp_path, source)))
    assert b"".join(a.stdout for a in answers) == b"hello one\n"
    assert b"".join(a.stderr for a in answers) == b"oh\n"
    assert answers[-1].WhichOneof("output") == "exitcode"
    assert answers[-1].exitcode == 3


def test_cancel_ends_what_runs(stub: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path) -> None:
    answers = stub.RunPlugin(plugin(tmp_path, "import time; print('up', flush=True); time.sleep(60)"))
    assert next(answers).stdout.startswith(b"up")
    started = time.monotonic()
    cancelled = stub.Cancel.future(empty_pb2.Empty())
    assert [a.exitcode for a in answers if a.WhichOneof("output") == "exitcode"] != [0]
    cancelled.result()
    assert time.monotonic() - started < 30


def test_no_plugin_is_asked_for_because_the_engine_would_fetch_it(
    stub: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    required = stub.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(info=info(tmp_path)))
    assert not required.packages
    assert not required.specs


def test_it_tells_the_programs_packages_and_python(stub: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path) -> None:
    asked = language_pb2.GetProgramDependenciesRequest(info=info(tmp_path), transitiveDependencies=True)
    found = {d.name: d.version for d in stub.GetProgramDependencies(asked).dependencies}
    assert found["pulumi"] == "3.250.0"
    assert stub.About(language_pb2.AboutRequest(info=info(tmp_path))).executable == sys.executable


def test_an_environment_that_is_not_there_fails_the_run_with_the_fix(
    stub: language_pb2_grpc.LanguageRuntimeStub, tmp_path: Path
) -> None:
    answer = stub.Run(language_pb2.RunRequest(info=info(tmp_path, virtualenv="gone"), pwd=str(tmp_path)))
    assert "runtime.options.virtualenv is 'gone'" in answer.error
