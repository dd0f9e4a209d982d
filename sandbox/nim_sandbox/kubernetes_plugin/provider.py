"""What the plugin does for one provider: check, preview, create, update, read and delete objects of one cluster."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from nim_sandbox.kubernetes_plugin import annotations, drift, naming
from nim_sandbox.kubernetes_plugin.client import Cluster, NoSuchKind, Object, Refused, Unreachable
from nim_sandbox.kubernetes_plugin.diff import Diff, Rules, diff
from nim_sandbox.kubernetes_plugin.failures import Failure, HalfDone, refusal, told, unreachable
from nim_sandbox.kubernetes_plugin.kinds import Kind, KindName
from nim_sandbox.kubernetes_plugin.readiness import NOTHING, READY, Ready, rule_of
from nim_sandbox.kubernetes_plugin.secrecy import redact
from nim_sandbox.kubernetes_plugin.settings import FIELD_MANAGER, Settings
from nim_sandbox.kubernetes_plugin.state import State, normalized, previewed, write_state
from nim_sandbox.kubernetes_plugin.waiting import NotReady, Say, StillThere, judge, wait_until_gone, wait_until_ready
from nim_sandbox.values import UNKNOWN, Value, has_unknown, plain

DELETE_TIMEOUT_SECONDS = 600.0
DISCOVERY_SECONDS = 10.0
"""How long a new CustomResourceDefinition may take to be served after it was established."""
NO_DRY_RUN_CODES = (403, 404)
"""A preview goes on without the server: it may not try, or the namespace or kind is yet to come."""


class Provider:
    """Thread-safe: the engine asks for many objects at once."""

    def __init__(self, settings: Settings, connect: Callable[[], Cluster], default_namespace: str = "default") -> None:
        """`connect` is called when a server is needed for the first time; it raises Unreachable."""
        self._default_namespace = settings.namespace or default_namespace
        self._settings = settings
        self._connect = connect
        self._cluster: Cluster | None = None
        self._lock = threading.Lock()
        self._silent = threading.Event()
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Whoever waits stops waiting and reports what is there."""
        self._cancelled.set()

    def check(
        self, inputs: dict[str, Value], old: Mapping[str, Value], kind: KindName, resource_name: str, seed: bytes
    ) -> tuple[dict[str, Value], list[tuple[str, str]]]:
        """The inputs with name and namespace filled in, and faults as path and reason. Contacts no server."""
        inputs = normalized({"apiVersion": kind.api_version, "kind": kind.name, **inputs})
        named = naming.with_name(inputs, old, resource_name, seed)
        metadata = named.get("metadata")
        if isinstance(metadata, dict) and kind.known:
            if not kind.known.namespaced:
                named = {**named, "metadata": {key: value for key, value in metadata.items() if key != "namespace"}}
            elif not metadata.get("namespace"):
                named = {**named, "metadata": {**metadata, "namespace": self._default_namespace}}
        return named, annotations.faults(named)

    def diff(self, state: State, inputs: Mapping[str, Value]) -> Diff:
        """Contacts no server: whether a Job was ready is what the state says."""
        rules = Rules(
            default_namespace=self._default_namespace,
            secrets_mutable=self._settings.secrets_mutable,
            config_maps_mutable=self._settings.config_maps_mutable,
        )
        was_ready = isinstance(rule_of(state.live).judge(plain(state.live), NOTHING), Ready)
        renewed = annotations.replaces_unready(inputs) and not was_ready
        return diff(state.inputs or state.live, inputs, rules, renewed=renewed)

    def preview_create(self, inputs: dict[str, Value]) -> dict[str, Value]:
        return self._preview(inputs, FIELD_MANAGER, None, ())

    def preview_update(self, inputs: dict[str, Value], state: State, ignored: Sequence[str]) -> dict[str, Value]:
        return self._preview(inputs, state.manager, state, ignored)

    def create(self, inputs: dict[str, Value], timeout_seconds: float, say: Say) -> tuple[str, dict[str, Value]]:
        """Id and state. Raises Failure, or HalfDone once the object exists."""
        obj: Object = plain(inputs)
        cluster, kind = self._place(obj)
        with told(inputs, "create"):
            if not self._settings.upsert and cluster.get(kind, naming.namespace_of(obj), naming.name_of(obj)):
                raise Failure(
                    f"{naming.label_of(obj)} already exists and is not in this stack's state. Import it, delete it, "
                    "or set the provider's upsertExistingObjects."
                )
            live = cluster.apply(kind, obj, FIELD_MANAGER, force=self._forces(obj))
        return self._settle(inputs, FIELD_MANAGER, kind, live, timeout_seconds, say)

    def update(
        self, inputs: dict[str, Value], state: State, ignored: Sequence[str], timeout_seconds: float, say: Say
    ) -> dict[str, Value]:
        """The new state. Raises Failure, or HalfDone once the change was made."""
        obj: Object = plain(inputs)
        cluster, kind = self._place(obj)
        with told(inputs, "update"):
            live = cluster.get(kind, naming.namespace_of(obj), naming.name_of(obj)) if ignored else None
            obj = drift.leave_ignored(obj, live or {}, ignored)
            live = cluster.apply(kind, obj, state.manager, force=self._forces(obj))
        return self._settle(inputs, state.manager, kind, live, timeout_seconds, say)[1]

    def read(
        self, resource_id: str, name: KindName, state: State, inputs: dict[str, Value]
    ) -> tuple[dict[str, Value], dict[str, Value]] | None:
        """State and inputs as the cluster has them; None where the object is gone.

        Raises HalfDone where the object is there but not ready: the engine keeps that as a warning.
        """
        namespace, object_name = naming.parse_id(resource_id)
        known = state.inputs or inputs
        try:
            cluster = self._reach()
            live = cluster.get(cluster.kind(name), namespace, object_name)
            if live is None:
                return None
            verdict = judge(cluster, live) if known and not annotations.skips_waiting(live) else READY
        except NoSuchKind:
            return None
        except Unreachable as error:
            if self._settings.delete_unreachable:
                return None
            raise Failure(f"cannot read {name.name} {resource_id}: the cluster is unreachable: {error}") from None
        except Refused as refused:
            raise Failure(f"cannot read {name.name} {resource_id}: {redact(str(refused), inputs)}") from None
        now = drift.inputs_after(known, state.live, live) if known else drift.imported(live)
        written = write_state(now, live, state.manager)
        if not isinstance(verdict, Ready):
            raise HalfDone(resource_id, written, now, redact(f"{naming.label_of(live)}: {verdict.text}", now))
        return written, now

    def delete(self, resource_id: str, name: KindName, state: State, timeout_seconds: float, say: Say) -> None:
        """Returns when the object is gone. Raises Failure."""
        namespace, object_name = naming.parse_id(resource_id)
        try:
            cluster = self._reach()
            kind = cluster.kind(name)
            live = cluster.get(kind, namespace, object_name)
            if live is None:
                return
            cluster.delete(kind, namespace, object_name, annotations.propagation_policy(live))
            if not annotations.skips_waiting(live):
                limit = annotations.timeout_seconds(live, timeout_seconds, DELETE_TIMEOUT_SECONDS)
                wait_until_gone(cluster, kind, live, limit, self._cancelled, say)
        except NoSuchKind:
            return
        except StillThere as still:
            raise Failure(redact(str(still), state.inputs)) from None
        except Unreachable as error:
            if self._settings.delete_unreachable:
                return
            raise Failure(
                f"cannot delete {name.name} {resource_id}: the cluster is unreachable: {error}. If the cluster is gone "
                "for good, run again with PULUMI_K8S_DELETE_UNREACHABLE=true to forget its objects."
            ) from None
        except Refused as refused:
            raise Failure(f"cannot delete {name.name} {resource_id}: {redact(str(refused), state.inputs)}") from None

    def _settle(
        self, inputs: dict[str, Value], manager: str, kind: Kind, live: Object, timeout_seconds: float, say: Say
    ) -> tuple[str, dict[str, Value]]:
        resource_id = naming.resource_id(live)
        if not annotations.skips_waiting(live):
            limit = annotations.timeout_seconds(live, timeout_seconds, rule_of(live).timeout_seconds)
            try:
                live = wait_until_ready(
                    self._reach(), kind, live, limit, self._cancelled, lambda text: say(redact(text, inputs))
                )
            except NotReady as not_ready:
                reason = redact(f"{naming.label_of(live)} is not ready: {not_ready}", inputs)
                state = write_state(inputs, not_ready.live, manager)
                raise HalfDone(resource_id, state, inputs, reason) from None
            except (Unreachable, Refused) as error:
                reason = redact(f"{naming.label_of(live)}: lost sight of it while waiting: {error}", inputs)
                raise HalfDone(resource_id, write_state(inputs, live, manager), inputs, reason) from None
        return resource_id, write_state(inputs, live, manager)

    def _preview(
        self, inputs: dict[str, Value], manager: str, state: State | None, ignored: Sequence[str]
    ) -> dict[str, Value]:
        """What the server would make of it; the inputs themselves where it cannot be asked.

        Raises Failure for what the server refuses outright: a field that it does not accept, or a conflict.
        """
        if self._settings.offline_preview or self._silent.is_set() or has_unknown(inputs):
            return inputs
        obj: Object = plain(inputs)
        try:
            cluster = self._reach()
            kind = cluster.kind(KindName(obj["apiVersion"], obj["kind"]))
            live = None
            if ignored or state is None:
                live = cluster.get(kind, naming.namespace_of(obj), naming.name_of(obj))
            if state is None and live is not None:
                return inputs
            obj = drift.leave_ignored(obj, live or {}, ignored)
            return previewed(inputs, cluster.apply(kind, obj, manager, force=self._forces(obj), dry_run=True))
        except Unreachable:
            self._silent.set()  # asked once is enough for one preview
            return inputs
        except NoSuchKind:
            return inputs
        except Refused as refused:
            if refused.code in NO_DRY_RUN_CODES or refused.code >= 500:
                return inputs
            raise refusal(refused, inputs, "apply") from None

    def _place(self, obj: Object) -> tuple[Cluster, Kind]:
        """The cluster and the kind there; a definition that was just made may need a moment to be served."""
        if has_unknown(obj):
            raise Failure(f"{naming.label_of(obj)} has values that are not known yet; {UNKNOWN} cannot be applied.")
        name = KindName(obj["apiVersion"], obj["kind"])
        deadline = time.monotonic() + DISCOVERY_SECONDS
        try:
            cluster = self._reach()
            while True:
                try:
                    return cluster, cluster.kind(name)
                except NoSuchKind:
                    if time.monotonic() > deadline or self._cancelled.wait(0.5):
                        raise
        except (NoSuchKind, Refused) as error:
            raise Failure(f"{naming.label_of(obj)}: {error}") from None
        except Unreachable as error:
            raise unreachable(error) from None

    def _reach(self) -> Cluster:
        with self._lock:
            if self._cluster is None:
                self._cluster = self._connect()
            return self._cluster

    def _forces(self, obj: Mapping[str, Value]) -> bool:
        return self._settings.force or annotations.forces(obj)
