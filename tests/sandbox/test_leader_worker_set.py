"""The controller's files and webhooks; that it works is shown by the engine test of an endpoint over several nodes."""

import base64
from pathlib import Path

from nim_sandbox import leader_worker_set
from nim_sandbox.folder import SandboxFolder

FOLDER = SandboxFolder(Path("/s"))
PORTS = {leader_worker_set.PORT: 20_007}
MUTATING, VALIDATING = leader_worker_set.webhooks("https://127.0.0.1:20007", b"authority")
HOOKS = [*MUTATING["webhooks"], *VALIDATING["webhooks"]]


def test_every_webhook_is_called_by_url_on_loopback_and_its_certificate_checked() -> None:
    assert all(hook["clientConfig"]["url"].startswith("https://127.0.0.1:20007/") for hook in HOOKS)
    assert {hook["clientConfig"]["caBundle"] for hook in HOOKS} == {base64.b64encode(b"authority").decode()}


def test_a_webhook_of_pods_asks_only_for_pods_of_a_set_so_that_no_other_pod_waits_for_the_controller() -> None:
    of_pods = [hook for hook in HOOKS if hook["rules"][0]["resources"] == ["pods"]]
    asked = [hook["objectSelector"]["matchExpressions"] for hook in of_pods]
    assert asked == [[{"key": "leaderworkerset.sigs.k8s.io/name", "operator": "Exists"}]] * 2


def test_a_set_that_the_controller_has_not_seen_is_refused() -> None:
    assert {hook["failurePolicy"] for hook in HOOKS} == {"Fail"}


def test_the_controller_serves_nothing_but_its_webhooks() -> None:
    configuration = leader_worker_set.configuration(FOLDER, PORTS)
    assert configuration["webhook"] == {"host": "127.0.0.1", "port": 20_007, "certDir": "/s/lws"}
    assert configuration["metrics"]["bindAddress"] == "0"
    assert configuration["health"]["healthProbeBindAddress"] == "0"


def test_it_counts_as_ready_when_the_webhook_that_it_registers_last_answers() -> None:
    (controller,) = leader_worker_set.components(FOLDER, PORTS)
    assert controller.health == "https://127.0.0.1:20007/validate--v1-pod"


def test_the_definition_is_the_whole_kind() -> None:
    definition = leader_worker_set.definition()
    (version,) = definition["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    assert definition["metadata"]["name"] == "leaderworkersets.leaderworkerset.x-k8s.io"
    assert sorted(spec) == ["leaderWorkerTemplate", "networkConfig", "replicas", "rolloutStrategy", "startupPolicy"]
