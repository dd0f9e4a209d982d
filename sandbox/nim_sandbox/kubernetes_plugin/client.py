"""Requests to one Kubernetes API server. Certificates are always checked."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx2 as httpx
from lightkube.config.client_adapter import ConnectionParams
from lightkube.config.kubeconfig import SingleConfig

from nim_sandbox.kubernetes_plugin.kinds import Kind, KindName
from nim_sandbox.values import Value

TIMEOUT = httpx.Timeout(30, connect=5)
"""Seconds. A server on loopback or in the same network answers a request in milliseconds."""
BUSY = (429, 503, 504)
BUSY_RETRIES = 5
BUSY_PAUSE_SECONDS = 0.5

Object = dict[str, Any]  # as the server sends it: JSON of a hundred kinds


class Unreachable(Exception):
    """No answer, or none that came from a Kubernetes server."""


class Refused(Exception):
    """The server's answer was an error."""

    def __init__(self, code: int, reason: str, message: str, causes: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.causes = causes


class NoSuchKind(Exception):
    """The server does not know the kind: its CustomResourceDefinition is missing."""


class Cluster:
    """Thread-safe. Opens no connection before the first request."""

    def __init__(self, config: SingleConfig) -> None:
        self.server: str = config.cluster.server
        self.namespace: str = config.namespace
        # Proxies are for the internet; the sandbox is on loopback.
        self._http = httpx.Client(**ConnectionParams(timeout=TIMEOUT, trust_env=False).httpx_params(config))
        self._kinds: dict[KindName, Kind] = {}
        self._lock = threading.Lock()

    def kind(self, name: KindName) -> Kind:
        """From the table, else from the server's discovery. Raises NoSuchKind."""
        if name.known:
            return name.known
        with self._lock:
            if name in self._kinds:
                return self._kinds[name]
        found = self._discover(name)
        with self._lock:
            self._kinds[name] = found
        return found

    def _discover(self, name: KindName) -> Kind:
        try:
            resources = self._request("GET", f"/apis/{name.api_version}")["resources"]
        except Refused as refused:
            if refused.code == 404:
                resources = []
            else:
                raise
        for resource in resources:
            if resource["kind"] == name.name and "/" not in resource["name"]:
                return Kind(name.api_version, name.name, resource["name"], namespaced=resource["namespaced"])
        raise NoSuchKind(
            f"the server does not know kind {name.name} of {name.api_version}. "
            "Create its CustomResourceDefinition first, and let this resource depend on it."
        )

    def apply(self, kind: Kind, obj: Object, manager: str, *, force: bool, dry_run: bool = False) -> Object:
        """Server-side apply: the object becomes `obj` in what `manager` owns."""
        metadata = obj["metadata"]
        return self._request(
            "PATCH",
            self._path(kind, metadata.get("namespace"), metadata["name"]),
            params={"fieldManager": manager, "force": str(force).lower(), **({"dryRun": "All"} if dry_run else {})},
            content=json.dumps(obj),
            headers={"Content-Type": "application/apply-patch+yaml"},
        )

    def get(self, kind: Kind, namespace: str | None, name: str) -> Object | None:
        """None where it does not exist."""
        try:
            return self._request("GET", self._path(kind, namespace, name))
        except Refused as refused:
            if refused.code == 404:
                return None
            raise

    def list(self, path: str, **params: str) -> list[Object]:
        items: list[Object] = self._request("GET", path, params=params).get("items", [])
        return items

    def delete(self, kind: Kind, namespace: str | None, name: str, propagation: str) -> None:
        """Asks for it; that it is gone already is fine."""
        try:
            self._request("DELETE", self._path(kind, namespace, name), params={"propagationPolicy": propagation})
        except Refused as refused:
            if refused.code != 404:
                raise

    def close(self) -> None:
        self._http.close()

    def _path(self, kind: Kind, namespace: str | None, name: str) -> str:
        inside = f"/namespaces/{quote(namespace or self.namespace, safe='')}" if kind.namespaced else ""
        return f"{kind.path}{inside}/{kind.plural}/{quote(name, safe='')}"

    def _request(self, method: str, path: str, **options: Value) -> Object:
        for attempt in range(BUSY_RETRIES + 1):
            try:
                answer = self._http.request(method, path, **options)
            except httpx.HTTPError as error:
                raise Unreachable(f"{self.server}: {str(error) or type(error).__name__}") from error
            if answer.status_code not in BUSY or attempt == BUSY_RETRIES:
                break
            time.sleep(BUSY_PAUSE_SECONDS)
        try:
            body = answer.json()
        except ValueError:
            body = {}
        if answer.is_success:
            return dict(body)
        raise Refused(
            code=answer.status_code,
            reason=body.get("reason") or "",
            message=body.get("message") or f"{self.server} answered {answer.status_code} to {method} {path}",
            causes=tuple((body.get("details") or {}).get("causes") or ()),
        )


def conflict_text(refused: Refused) -> str | None:
    """What stands in the way of an apply: each field and its manager. None where that was not the matter."""
    conflicts = [cause for cause in refused.causes if cause.get("reason") == "FieldManagerConflict"]
    if not conflicts:
        return None
    each = "; ".join(f"{cause.get('field', '?')}: {cause.get('message', '')}" for cause in conflicts)
    return (
        f"other managers own fields that the program sets: {each}. Leave these fields to them, or take them over "
        'with the annotation pulumi.com/patchForce: "true".'
    )
