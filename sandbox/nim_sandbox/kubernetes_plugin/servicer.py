"""The engine's ResourceProvider service: translates its messages for `Provider`, and errors back."""

import ssl
from collections.abc import Mapping
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from nim_sandbox.engine_log import EngineLog
from nim_sandbox.kubernetes_plugin.client import Cluster, Unreachable
from nim_sandbox.kubernetes_plugin.diff import Change
from nim_sandbox.kubernetes_plugin.failures import Failure, HalfDone
from nim_sandbox.kubernetes_plugin.kinds import UnknownKind, kind_of_type, refusal
from nim_sandbox.kubernetes_plugin.kubeconfig import BadKubeconfig, target
from nim_sandbox.kubernetes_plugin.property_path import write_path
from nim_sandbox.kubernetes_plugin.provider import Provider
from nim_sandbox.kubernetes_plugin.secrecy import mark_secret_kind
from nim_sandbox.kubernetes_plugin.settings import Settings, read_settings
from nim_sandbox.kubernetes_plugin.state import read_state
from nim_sandbox.stand_in import Context, StandIn, UnsupportedArgument, fail, type_of
from nim_sandbox.values import UnsupportedValue, Value, from_struct, has_unknown, plain, to_struct

EXPECTED = (Failure, UnknownKind, UnsupportedArgument, UnsupportedValue, Unreachable, BadKubeconfig)
"""Errors whose message is for the user."""

KINDS = {
    (Change.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Change.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Change.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Change.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Servicer(StandIn):
    package, title, version = "kubernetes", "Kubernetes", "4.34.2"
    read_settings = staticmethod(read_settings)

    def __init__(self, log: EngineLog) -> None:
        super().__init__(log)
        self._provider: Provider | None = None

    def stop(self) -> None:
        if self._provider:
            self._provider.cancel()

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:  # noqa: N802 - gRPC method
        """Another cluster replaces the provider, and so all that it made; other arguments do not."""
        del context
        old, new = from_struct(request.olds), from_struct(request.news)
        changed = sorted(key for key in old.keys() | new.keys() if plain(old.get(key)) != plain(new.get(key)))
        identified = "clusterIdentifier" in old or "clusterIdentifier" in new
        if identified:
            replaces = [key for key in changed if key == "clusterIdentifier"]
        else:
            replaces = [key for key in changed if key in ("kubeconfig", "context", "cluster") and _moved(old, new)]
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some if changed else none, diffs=changed, replaces=replaces)

    def Configure(  # noqa: N802 - gRPC method
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        try:
            settings = read_settings(from_struct(request.args))
        except UnsupportedArgument as error:
            fail(context, error)
        self._provider = Provider(settings, lambda: connect(settings), _context_namespace(settings))
        self.announce()
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:  # noqa: N802 - gRPC method
        try:
            kind = kind_of_type(type_of(request.urn))
            inputs, faults = self._ready().check(
                from_struct(request.news), from_struct(request.olds), kind, _name(request.urn), request.randomSeed
            )
        except EXPECTED as error:
            fail(context, error)
        return provider_pb2.CheckResponse(
            inputs=to_struct(mark_secret_kind(inputs)),
            failures=[provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in faults],
        )

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:  # noqa: N802 - gRPC method
        del context
        found = self._ready().diff(read_state(from_struct(request.olds)), from_struct(request.news))
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if found.differences else none,
            diffs=sorted({str(difference.path[0]) for difference in found.differences}),
            replaces=[write_path(difference.path) for difference in found.differences if difference.replaces],
            deleteBeforeReplace=found.delete_before_replace,
            detailedDiff={
                write_path(difference.path): provider_pb2.PropertyDiff(
                    kind=KINDS[difference.change, difference.replaces], inputDiff=True
                )
                for difference in found.differences
            },
            hasDetailedDiff=True,
        )

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:  # noqa: N802 - gRPC method
        inputs = from_struct(request.properties)
        try:
            if request.preview:
                return provider_pb2.CreateResponse(properties=to_struct(self._ready().preview_create(inputs)))
            resource_id, state = self._ready().create(inputs, request.timeout, self._log.status_of(request.urn))
        except HalfDone as half:
            _fail_half_done(context, half)
        except EXPECTED as error:
            fail(context, error)
        return provider_pb2.CreateResponse(id=resource_id, properties=to_struct(state))

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:  # noqa: N802 - gRPC method
        inputs, state = from_struct(request.news), read_state(from_struct(request.olds))
        ignored = list(request.ignoreChanges)
        try:
            if request.preview:
                outputs = self._ready().preview_update(inputs, state, ignored)
            else:
                say = self._log.status_of(request.urn)
                outputs = self._ready().update(inputs, state, ignored, request.timeout, say)
        except HalfDone as half:
            _fail_half_done(context, half)
        except EXPECTED as error:
            fail(context, error)
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:  # noqa: N802 - gRPC method
        state, inputs = read_state(from_struct(request.properties)), from_struct(request.inputs)
        try:
            found = self._ready().read(request.id, kind_of_type(type_of(request.urn)), state, inputs)
        except HalfDone as half:
            _fail_half_done(context, half)
        except EXPECTED as error:
            fail(context, error)
        if found is None:
            return provider_pb2.ReadResponse()
        properties, now = found
        return provider_pb2.ReadResponse(
            id=request.id, properties=to_struct(properties), inputs=to_struct(mark_secret_kind(now))
        )

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:  # noqa: N802 - gRPC method
        state = read_state(from_struct(request.properties))
        try:
            kind = kind_of_type(type_of(request.urn))
            self._ready().delete(request.id, kind, state, request.timeout, self._log.status_of(request.urn))
        except EXPECTED as error:
            fail(context, error)
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:  # noqa: N802 - gRPC method
        fail(context, refusal(f"function {request.tok}"))

    def Call(self, request: provider_pb2.CallRequest, context: Context) -> provider_pb2.CallResponse:  # noqa: N802 - gRPC method
        fail(context, refusal(f"method {request.tok}"))

    def Construct(self, request: provider_pb2.ConstructRequest, context: Context) -> provider_pb2.ConstructResponse:  # noqa: N802 - gRPC method
        fail(context, refusal(f"component {request.type}"))

    def _ready(self) -> Provider:
        if self._provider is None:
            raise RuntimeError("the engine asked for an object before it configured the provider")
        return self._provider


def connect(settings: Settings) -> Cluster:
    """Raises Unreachable where the kubeconfig does not lead to a server."""
    try:
        return Cluster(target(settings))
    except BadKubeconfig as bad:
        raise Unreachable(str(bad)) from None
    except (ssl.SSLError, OSError, ValueError) as error:
        # A message of the certificate parser may quote what it read.
        raise Unreachable(f"its kubeconfig holds certificates that cannot be loaded ({type(error).__name__})") from None


def _context_namespace(settings: Settings) -> str:
    try:
        return target(settings).namespace
    except BadKubeconfig:
        return "default"


def _moved(old: Mapping[str, Value], new: Mapping[str, Value]) -> bool:
    """False where it cannot be told: to replace a provider is to replace all that it made."""
    if has_unknown(dict(old)) or has_unknown(dict(new)):
        return False
    try:
        before, after = target(read_settings(old)), target(read_settings(new))
    except (BadKubeconfig, UnsupportedArgument):
        return False
    return bool(before.cluster.server != after.cluster.server)


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


class _Status(grpc.Status):
    """A status with details, which `abort_with_status` sends."""

    def __init__(self, message: str, details: bytes) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = message
        self.trailing_metadata = (("grpc-status-details-bin", details),)


def _fail_half_done(context: Context, half: HalfDone) -> NoReturn:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=half.resource_id,
        properties=to_struct(half.state),
        inputs=to_struct(mark_secret_kind(half.inputs)),
        reasons=[str(half)],
    )
    status: Any = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(half))  # Any: protobuf stubs
    status.details.add().Pack(detail)
    context.abort_with_status(_Status(str(half), status.SerializeToString()))
    raise AssertionError("abort_with_status() raises")
