from datetime import UTC, datetime, timedelta

import pytest
from lightkube.models.core_v1 import (
    ContainerState,
    ContainerStateRunning,
    ContainerStatus,
    PodCondition,
    PodStatus,
)
from lightkube.models.core_v1 import Pod as PodModel

from stacks.live import Serving, times_of
from stacks.plan import EndpointPlan
from stacks.seen import Row, rows
from tests.stacks.test_on_processors import tiny

STARTED = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)
LOG = """\
INFO 11-26 [cpu_model_runner.py:71] Starting to load model /opt/nim/.cache/...
INFO 11-26 [default_loader.py:501] Loading weights took 0.01 seconds
INFO 11-26 [kv_cache_utils.py:1307] GPU KV cache size: 130,944 tokens
INFO 11-26 [kv_cache_utils.py:1312] Maximum concurrency for 256 tokens per request: 511.50x
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> EndpointPlan:
    return tiny(tmp_path_factory.mktemp("home")).endpoints[0]


CACHED = {"workspaces/a/model.safetensors": 364_000, "workspaces/a/config.json": 600, "home/.cache/kept": 3 << 20}


def test_what_was_predicted_stands_beside_what_the_log_and_the_cache_say(endpoint: EndpointPlan) -> None:
    serving = Serving(LOG, STARTED, STARTED + timedelta(seconds=31))
    found = {row.what: row for row in rows(endpoint, serving, 256, CACHED)}
    assert found["weights"] == Row("weights", "0.42 MiB in memory", "0.35 MiB in safetensors files")
    assert found["KV cache"].seen == "130,944 tokens"
    assert found["cache"] == Row("cache", "at most 10.0 GiB, with 0.35 MiB to download", "3.35 MiB")
    assert found["longest context"] == Row("longest context", "256 tokens", "256 tokens")
    assert found["start-up"] == Row("start-up", f"at most {endpoint.start_up_seconds} s", "31 s")


def test_what_cannot_be_seen_is_a_dash(endpoint: EndpointPlan) -> None:
    found = {row.what: row.seen for row in rows(endpoint, Serving("", STARTED, STARTED), None, {})}
    assert found == {"weights": "-", "KV cache": "-", "longest context": "-", "cache": "-", "start-up": "0 s"}


def pod(ready: str, state: ContainerState) -> PodModel:
    condition = PodCondition(status=ready, type="Ready", lastTransitionTime=STARTED + timedelta(seconds=9))
    server = ContainerStatus(image="", imageID="", name="nim", ready=True, restartCount=0, state=state)
    return PodModel(status=PodStatus(conditions=[condition], containerStatuses=[server]))


def test_the_start_is_counted_from_the_container_to_readiness() -> None:
    running = ContainerState(running=ContainerStateRunning(startedAt=STARTED))
    assert times_of(pod("True", running)) == (STARTED, STARTED + timedelta(seconds=9))
    assert times_of(pod("False", running)) is None
    assert times_of(pod("True", ContainerState())) is None
    assert times_of(PodModel()) is None
