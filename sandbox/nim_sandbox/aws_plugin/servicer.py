"""The engine's ResourceProvider service for AWS: translates its messages for the kinds, and errors back."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]  # clients made at run time
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from nim_sandbox.aws.account import client
from nim_sandbox.aws_plugin.functions import call
from nim_sandbox.aws_plugin.kind import Gone, Kind, UnknownType, Values
from nim_sandbox.aws_plugin.kinds import kind_of_type
from nim_sandbox.aws_plugin.parameters import BadParameters
from nim_sandbox.aws_plugin.provider_settings import NoAccount, Settings, read_settings
from nim_sandbox.engine_log import EngineLog
from nim_sandbox.stand_in import Context, StandIn, UnsupportedArgument, fail, type_of
from nim_sandbox.values import (
    UNKNOWN,
    UnsupportedValue,
    Value,
    from_struct,
    has_unknown,
    plain,
    to_struct,
)

EXPECTED = (
    BadParameters,
    BotoCoreError,
    ClientError,
    NoAccount,
    RuntimeError,
    UnknownType,
    UnsupportedArgument,
    UnsupportedValue,
)
"""Errors whose message is for the user."""
SOME, NONE = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE


class Servicer(StandIn):
    package, title, version = "aws", "AWS", "7.51.1"
    read_settings = staticmethod(read_settings)

    def __init__(self, log: EngineLog) -> None:
        super().__init__(log)
        self._settings: Settings | None = None

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:  # noqa: N802 - gRPC method
        """A new endpoint is the same account, at another port."""
        del context
        changed = _changed(plain(from_struct(request.olds)), plain(from_struct(request.news)))
        return provider_pb2.DiffResponse(changes=SOME if changed else NONE, diffs=changed)

    def Configure(  # noqa: N802 - gRPC method
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        try:
            self._settings = read_settings(from_struct(request.args))
        except UnsupportedArgument as error:
            fail(context, error)
        self.announce()
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:  # noqa: N802 - gRPC method
        try:
            kind, inputs = _kind(request.urn), plain(from_struct(request.news))
        except EXPECTED as error:
            fail(context, error)
        faults = [(key, "is needed by the stand-in, which makes up no names") for key in kind.required - inputs.keys()]
        faults += [(key, "is not covered by the stand-in for the AWS plugin") for key in inputs.keys() - kind.inputs]
        if not faults and not has_unknown(inputs):
            try:
                kind.check(inputs)
            except BadParameters as error:
                faults.append(("", " ".join(str(error).split())))
        failures = [provider_pb2.CheckFailure(property=key, reason=why) for key, why in sorted(faults)]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:  # noqa: N802 - gRPC method
        try:
            kind = _kind(request.urn)
        except EXPECTED as error:
            fail(context, error)
        changed = _changed(plain(from_struct(request.old_inputs)), plain(from_struct(request.news)))
        replaces = [key for key in changed if key in kind.replaced_by]
        name = next((key for key in ("name", "nodeGroupName") if key in kind.required), None)
        # What keeps its name must make room for its successor.
        in_the_way = bool(replaces) and name is not None and name not in replaces
        return provider_pb2.DiffResponse(
            changes=SOME if changed else NONE, diffs=changed, replaces=replaces, deleteBeforeReplace=in_the_way
        )

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:  # noqa: N802 - gRPC method
        inputs = plain(from_struct(request.properties))
        try:
            kind = _kind(request.urn)
            if request.preview:
                unknown = dict.fromkeys(kind.computed, UNKNOWN)
                return provider_pb2.CreateResponse(properties=to_struct({**inputs, **unknown}))
            kind.check(inputs)
            resource_id, added = kind.create(self._clients, inputs)
        except EXPECTED as error:
            fail(context, error)
        return provider_pb2.CreateResponse(id=resource_id, properties=to_struct({**inputs, **added}))

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:  # noqa: N802 - gRPC method
        old, inputs = plain(from_struct(request.olds)), plain(from_struct(request.news))
        try:
            kind = _kind(request.urn)
            if request.preview:
                return provider_pb2.UpdateResponse(properties=to_struct(_foreseen(kind, old, inputs)))
            kind.check(inputs)
            added = kind.update(self._clients, request.id, old, inputs)
        except EXPECTED as error:
            fail(context, error)
        return provider_pb2.UpdateResponse(properties=to_struct({**inputs, **added}))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:  # noqa: N802 - gRPC method
        state = plain(from_struct(request.properties))
        try:
            kind = _kind(request.urn)
            found = kind.read(self._clients, request.id, state)
        except Gone:
            return provider_pb2.ReadResponse()
        except EXPECTED as error:
            fail(context, error)
        inputs = {key: value for key, value in found.items() if key in kind.inputs}
        return provider_pb2.ReadResponse(id=request.id, properties=to_struct(found), inputs=to_struct(inputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:  # noqa: N802 - gRPC method
        try:
            _kind(request.urn).delete(self._clients, request.id, plain(from_struct(request.properties)))
        except EXPECTED as error:
            fail(context, error)
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:  # noqa: N802 - gRPC method
        try:
            found = call(request.tok, self._clients, plain(from_struct(request.args)))
        except EXPECTED as error:
            fail(context, error)
        answer = provider_pb2.InvokeResponse()
        getattr(answer, "return").CopyFrom(to_struct(found))  # the field is named with Python's own keyword
        return answer

    def _clients(self, service: str) -> Any:  # boto3's clients have no types
        if self._settings is None:
            raise RuntimeError("the engine asked for a resource before it configured the provider")
        region = self._settings.region
        endpoint = self._settings.endpoint(service)
        return client(service, endpoint, region) if region else client(service, endpoint)


def _changed(old: Mapping[str, Value], new: Mapping[str, Value]) -> list[str]:
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _foreseen(kind: Kind, old: Values, inputs: Values) -> Values:
    """Outputs after an update, as far as they can be told before it."""
    changed = set(_changed({k: v for k, v in old.items() if k not in kind.computed}, inputs))
    moved = {key for key, causes in kind.moved_by.items() if causes & changed}
    return {**inputs, **{key: UNKNOWN if key in moved else old.get(key) for key in kind.computed}}


def _kind(urn: str) -> Kind:
    """By the last of the types that a URN lists: parents stand before it."""
    return kind_of_type(type_of(urn))
