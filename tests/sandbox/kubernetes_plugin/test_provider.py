"""What the engine tests cannot bring about: a server that answers one question and refuses the next."""

import pytest

from nim_sandbox.kubernetes_plugin.client import Cluster, Object, Refused
from nim_sandbox.kubernetes_plugin.failures import Failure
from nim_sandbox.kubernetes_plugin.kinds import Kind, KindName
from nim_sandbox.kubernetes_plugin.provider import Provider
from nim_sandbox.kubernetes_plugin.settings import read_settings
from nim_sandbox.kubernetes_plugin.state import read_state

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "llama", "namespace": "nim"},
    "spec": {"selector": {"app": "llama"}},
}


class Secretive(Cluster):
    """Shows a service, and nothing that stands around it."""

    def __init__(self) -> None:
        self.namespace = "nim"

    def get(self, kind: Kind, namespace: str | None, name: str) -> Object | None:
        assert (kind.name, namespace, name) == ("Service", "nim", "llama")
        return SERVICE

    def list(self, path: str, **params: str) -> list[Object]:
        raise Refused(403, "Forbidden", f"cannot list {path.rpartition('/')[2]} of {params['labelSelector']}")


def test_a_refusal_to_show_what_stands_around_an_object_is_told_as_one_when_it_is_read() -> None:
    provider = Provider(read_settings({}), Secretive)
    with pytest.raises(Failure) as failed:
        provider.read("nim/llama", KindName("v1", "Service"), read_state({"__inputs": SERVICE}), {})
    assert (
        str(failed.value)
        == "cannot read Service nim/llama: cannot list endpointslices of kubernetes.io/service-name=llama"
    )
