"""Waits until an object is ready or gone, and says meanwhile what for."""

import threading
import time
from collections.abc import Callable

from nim_sandbox.kubernetes_plugin.annotations import WAIT_FOR, annotation
from nim_sandbox.kubernetes_plugin.client import Cluster, Object
from nim_sandbox.kubernetes_plugin.kinds import Kind
from nim_sandbox.kubernetes_plugin.naming import label_of
from nim_sandbox.kubernetes_plugin.readiness import NOTHING, Failed, Ready, Verdict, Waiting, rule_of
from nim_sandbox.kubernetes_plugin.surroundings import surroundings
from nim_sandbox.kubernetes_plugin.wait_for import judge_wait_for

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0

Say = Callable[[str], None]
"""Tells the user what is waited for."""


class NotReady(Exception):
    """The object is there, but not ready. `live` is its last known state."""

    def __init__(self, reason: str, live: Object) -> None:
        super().__init__(reason)
        self.live = live


class StillThere(Exception):
    """The object was told to go and did not in time."""


def judge(cluster: Cluster, live: Object) -> Verdict:
    """Of this moment. The annotation waitFor takes the place of the kind's own rule."""
    wished = annotation(live, WAIT_FOR)
    if wished is not None:
        return judge_wait_for(wished, live)
    quick = rule_of(live).judge(live, NOTHING)
    return quick if isinstance(quick, Ready) else rule_of(live).judge(live, surroundings(cluster, live))


def wait_until_ready(
    cluster: Cluster, kind: Kind, live: Object, timeout_seconds: float, cancelled: threading.Event, say: Say
) -> Object:
    """The ready object. Raises NotReady after a failure, the timeout or a cancellation."""
    started = time.monotonic()
    patience = _Patience()
    said = ""
    pause = FIRST_PAUSE_SECONDS
    while True:
        verdict = judge(cluster, live)
        now = time.monotonic()
        match verdict:
            case Ready():
                return live
            case Failed(text):
                raise NotReady(text, live)
            case Waiting(text, gives_up_after_seconds):
                if patience.exceeded(gives_up_after_seconds, now):
                    raise NotReady(f"{text} (for {gives_up_after_seconds:.0f} s)", live)
        if now - started >= timeout_seconds:
            raise NotReady(f"not ready after {timeout_seconds:.0f} s: {text}", live)
        if text != said:
            said = text
            say(text)
        if cancelled.wait(pause):
            raise NotReady(f"cancelled while waiting: {text}", live)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        newer = cluster.get(kind, live["metadata"].get("namespace"), live["metadata"]["name"])
        if newer is None:
            raise NotReady(f"{label_of(live)} was deleted by someone else while we waited for it", live)
        live = newer


class _Patience:
    """How long something has lasted without a break that should not last."""

    def __init__(self) -> None:
        self._since: float | None = None

    def exceeded(self, limit_seconds: float | None, now: float) -> bool:
        """`limit_seconds` None: all is well at `now`, and the count starts anew."""
        if limit_seconds is None:
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        return now - self._since >= limit_seconds


def wait_until_gone(
    cluster: Cluster, kind: Kind, live: Object, timeout_seconds: float, cancelled: threading.Event, say: Say
) -> None:
    """Raises StillThere after the timeout or a cancellation. A successor of the same name is not waited for."""
    metadata = live["metadata"]
    started = time.monotonic()
    said = ""
    pause = FIRST_PAUSE_SECONDS
    while True:
        left = cluster.get(kind, metadata.get("namespace"), metadata["name"])
        if left is None or left["metadata"]["uid"] != metadata["uid"]:
            return
        text = f"waiting for it to go: {_what_holds(left)}"
        if time.monotonic() - started >= timeout_seconds:
            raise StillThere(f"{label_of(left)} still exists after {timeout_seconds:.0f} s; {text}")
        if text != said:
            said = text
            say(text)
        if cancelled.wait(pause):
            raise StillThere(f"{label_of(left)}: cancelled while {text}")
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


def _what_holds(live: Object) -> str:
    conditions = (live.get("status") or {}).get("conditions") or ()
    remaining = [
        c["message"] for c in conditions if c.get("type", "").endswith("Remaining") and c.get("status") == "True"
    ]
    finalizers = live["metadata"].get("finalizers") or (live.get("spec") or {}).get("finalizers") or ()
    return "; ".join(remaining) or (f"finalizers {', '.join(finalizers)}" if finalizers else "deletion under way")
