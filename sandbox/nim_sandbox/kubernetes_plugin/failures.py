"""How an operation ends that did not succeed: in words for the user, which show no secret."""

from collections.abc import Iterator
from contextlib import contextmanager

from nim_sandbox.kubernetes_plugin.client import Refused, Unreachable, conflict_text
from nim_sandbox.kubernetes_plugin.naming import label_of
from nim_sandbox.kubernetes_plugin.secrecy import redact
from nim_sandbox.values import Value


class Failure(Exception):
    """The operation failed and changed nothing that the state does not know. The message shows no secret."""


class HalfDone(Exception):
    """The object exists, but is not as it should be; the engine keeps it and tries again next time."""

    def __init__(self, resource_id: str, state: dict[str, Value], inputs: dict[str, Value], reason: str) -> None:
        super().__init__(reason)
        self.resource_id = resource_id
        self.state = state
        self.inputs = inputs


@contextmanager
def told(inputs: dict[str, Value], verb: str) -> Iterator[None]:
    """Turns the client's errors into Failures that say what was tried."""
    try:
        yield
    except Refused as refused:
        raise refusal(refused, inputs, verb) from None
    except Unreachable as error:
        raise unreachable(error) from None


def refusal(refused: Refused, inputs: dict[str, Value], verb: str) -> Failure:
    reason = conflict_text(refused) or str(refused)
    return Failure(redact(f"cannot {verb} {label_of(inputs)}: {reason}", inputs))


def unreachable(error: Unreachable) -> Failure:
    return Failure(f"the configured Kubernetes cluster is unreachable: {error}")
