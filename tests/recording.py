"""Runs a piece of Pulumi program against mocks that remember every request, options and outputs included."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.sync_await import _ensure_event_loop


@dataclass(frozen=True)
class Registered:
    """One RegisterResource request as the engine would get it."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    protect: bool
    retain_on_delete: bool
    depends_on: tuple[str, ...]
    """As `type name`."""
    provider: str
    create_timeout: str
    ignore_changes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """URNs, or names alone, under which it was known."""


@dataclass
class Recording:
    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By URN: what register_outputs was called with."""

    def of(self, type_: str) -> list[Registered]:
        return [resource for resource in self.resources if resource.type == type_]

    def one(self, type_: str) -> Registered:
        (resource,) = self.of(type_)
        return resource


def _type_and_name(urn: str) -> str:
    *_, types, name = urn.split("::")
    return f"{types.rsplit('$', 1)[-1]} {name}"


Answers = Mapping[str, Mapping[str, Any]]
"""What a cloud would answer, by the token of the function that is called."""


class _Echo(pulumi.runtime.Mocks):
    """Gives inputs back, with a name where the engine would have made one. A component may not query anything."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        state = dict(args.inputs)
        if args.typ.startswith("kubernetes:"):
            made = {"name": f"{args.name}-1a2b3c4d", "uid": f"{args.name}-uid"}
            state["metadata"] = {**made, **state.get("metadata", {})}
        if args.typ == "aws:ec2/launchTemplate:LaunchTemplate":
            state["latestVersion"] = 1
        if args.typ == "aws:eks/nodeGroup:NodeGroup":
            state["resources"] = [{"autoscalingGroups": [{"name": f"eks-{args.name}"}]}]
        if args.typ == "aws:iam/role:Role":
            state["arn"] = f"arn:aws:iam::123456789012:role/{state['name']}"
        return f"{args.name}-id", state

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:  # the base class's own signature
        if args.token not in self._answers:
            raise AssertionError(f"the program queried {args.token}")
        return dict(self._answers[args.token])


class _RecordingMonitor(mocks.MockMonitor):
    def __init__(self, recording: Recording, echo: _Echo) -> None:
        super().__init__(echo)
        self.recording = recording

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802 - gRPC's name
        if request.type != "pulumi:pulumi:Stack":
            _ensure_event_loop()  # type: ignore[no-untyped-call]  # as the base class does before it deserializes
            self.recording.resources.append(
                Registered(
                    type=request.type,
                    name=request.name,
                    parent=request.parent.rsplit("::", 1)[-1],
                    inputs=rpc.deserialize_properties(request.object, keep_unknowns=True),
                    protect=request.protect,
                    retain_on_delete=request.retainOnDelete,
                    depends_on=tuple(sorted(_type_and_name(urn) for urn in request.dependencies)),
                    provider=request.provider or ",".join(request.providers.values()),
                    create_timeout=request.customTimeouts.create,
                    ignore_changes=tuple(request.ignoreChanges),
                    aliases=tuple(alias.spec.parentUrn or alias.spec.name or alias.urn for alias in request.aliases),
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the mocks have no types

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> Any:  # noqa: N802 - gRPC's name
        _ensure_event_loop()  # type: ignore[no-untyped-call]  # as above
        self.recording.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # as above


def record(
    program: Callable[[], object], answers: Answers = MappingProxyType({}), *, preview: bool = False
) -> Recording:
    """Everything that `program` registered, once it has run to its end."""
    recording, echo = Recording(), _Echo(answers)
    _ensure_event_loop()  # type: ignore[no-untyped-call]  # whatever ran before may have closed the thread's
    monitor = _RecordingMonitor(recording, echo)
    mocks.set_mocks(echo, project="nim", stack="test", preview=preview, monitor=monitor)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # as above
    def run() -> None:
        program()

    run()
    return recording
