"""What the stand-ins for provider plugins have in common: who they are, and how the engine finds that out."""

import sys
import threading
from collections.abc import Callable, Mapping
from typing import ClassVar, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from nim_sandbox.engine_log import EngineLog
from nim_sandbox.plugin_server import serve
from nim_sandbox.values import Value, from_struct

Context = grpc.ServicerContext


class UnsupportedArgument(Exception):
    """An argument of the provider that a stand-in would leave out silently."""


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """One process serves one provider resource."""

    package: ClassVar[str]
    """Pulumi's name of the package: `aws`."""
    title: ClassVar[str]
    """For people: `AWS`."""
    version: ClassVar[str]
    """Of the SDK whose requests this answers."""

    def __init__(self, log: EngineLog) -> None:
        self._log = log
        self._announced = threading.Event()

    @staticmethod
    def read_settings(arguments: Mapping[str, Value]) -> object:
        """The provider's arguments, understood. Raises UnsupportedArgument."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ends what still waits; nothing does where every call is short."""

    def announce(self) -> None:
        """Once, as soon as the engine means to use it."""
        if not self._announced.is_set():
            self._announced.set()
            self._log.info(
                f"This is the sandbox's stand-in for the {self.title} plugin, not the genuine one; "
                "docs/stand-ins.md lists what differs."
            )

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:  # noqa: N802 - gRPC method
        try:
            self.read_settings(from_struct(request.news))
        except UnsupportedArgument as error:
            fail(context, error)
        return provider_pb2.CheckResponse(inputs=request.news)

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:  # noqa: N802 - gRPC method
        del request, context
        self.stop()
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:  # noqa: N802 - gRPC method
        del request, context
        return plugin_pb2.PluginInfo(version=self.version)

    def GetSchema(  # noqa: N802 - gRPC method
        self, request: provider_pb2.GetSchemaRequest, context: Context
    ) -> provider_pb2.GetSchemaResponse:
        del request, context
        return provider_pb2.GetSchemaResponse(schema=f'{{"name": "{self.package}", "version": "{self.version}"}}')


def serve_stand_in(make: Callable[[EngineLog], StandIn]) -> None:
    """Prints the port, then serves the engine, whose address is the first argument, until told to stop."""
    engine_address = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    servicer = make(EngineLog(engine_address))
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server), servicer.stop)


def type_of(urn: str) -> str:
    """The last of the types that a URN lists: parents stand before it."""
    return urn.split("::")[2].rpartition("$")[2]


def fail(context: Context, error: Exception | str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, str(error))
    raise AssertionError("abort() raises")
