"""Lines for the user, sent through the engine."""

import contextlib
from collections.abc import Callable

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

LOG_SECONDS = 5.0


class EngineLog:
    """What cannot be delivered is dropped: an engine that is gone needs no lines."""

    def __init__(self, engine_address: str) -> None:
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine_address))

    def info(self, message: str) -> None:
        self._send(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message))

    def status_of(self, urn: str) -> Callable[[str], None]:
        """Sends lines that the display shows beside the resource until the next one comes."""
        return lambda message: self._send(
            engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=urn, ephemeral=True)
        )

    def _send(self, request: engine_pb2.LogRequest) -> None:
        with contextlib.suppress(grpc.RpcError):
            self._engine.Log(request, timeout=LOG_SECONDS)
