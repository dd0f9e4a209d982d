import re
from pathlib import Path

from nim_sandbox.components import components
from nim_sandbox.extras import EXTRAS, PORTS
from nim_sandbox.folder import SandboxFolder

FOLDER = SandboxFolder(Path("/s"))
NUMBERS = {name: 20_000 + index for index, name in enumerate(PORTS)}
ALL = components(FOLDER, NUMBERS)


def test_they_start_in_the_order_in_which_they_need_each_other() -> None:
    names = [component.program for component in ALL]
    assert names == ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"]


def test_nothing_listens_beyond_loopback() -> None:
    text = " ".join(argument for component in ALL for argument in component.arguments)
    addresses = set(re.findall(r"(?:https?://|address=)([0-9.]+)", text))
    assert addresses == {"127.0.0.1"}
    assert all("--bind-address=127.0.0.1" in c.arguments for c in ALL if c.program.startswith("kube-"))


def test_authority_is_always_asked_and_nobody_is_anonymous() -> None:
    api_server = next(c for c in ALL if c.program == "kube-apiserver")
    assert {"--authorization-mode=Node,RBAC", "--anonymous-auth=false"} <= set(api_server.arguments)
    assert {"--client-cert-auth", "--peer-client-cert-auth"} <= set(ALL[0].arguments)
    assert not any("insecure" in argument or "skip" in argument for c in ALL for argument in c.arguments)


def test_kwok_leaves_nodes_alone_that_do_not_say_that_they_are_simulated() -> None:
    assert "--manage-all-nodes=false" in ALL[-1].arguments
    assert "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake" in ALL[-1].arguments


def test_every_component_of_an_extra_has_a_name_of_its_own() -> None:
    names = [c.program for extra in EXTRAS.values() for c in extra.components(FOLDER, NUMBERS)]
    assert len({*names, *(c.program for c in ALL)}) == len(names) + len(ALL)
