import pytest

from nim_policy.rules.request_logs import RULE
from tests.policy.samples import container, found, server

FIX = "writes what users write to the log; leave it out, or let somebody answer for it by an exception"


def test_by_default_nothing_is_logged() -> None:
    quiet = server(env={"NIM_DISABLE_LOG_REQUESTS": "1", "NIM_PASSTHROUGH_ARGS": "--no-enable-log-requests"})
    assert found(RULE, [server(), quiet]) == []


@pytest.mark.parametrize(
    ("env", "how"),
    [
        ({"NIM_DISABLE_LOG_REQUESTS": "0"}, "NIM_DISABLE_LOG_REQUESTS=0"),
        ({"VLLM_DEBUG_LOG_API_SERVER_RESPONSE": "true"}, "VLLM_DEBUG_LOG_API_SERVER_RESPONSE=true"),
        ({"NIM_PASSTHROUGH_ARGS": "--enable-log-requests"}, "NIM_PASSTHROUGH_ARGS, --enable-log-requests,"),
        ({"NIM_PASSTHROUGH_ARGS": "--no-disable-log-requests"}, "NIM_PASSTHROUGH_ARGS, --no-disable-log-requests,"),
    ],
)
def test_a_variable_that_switches_it_on_is_told(env: dict[str, str], how: str) -> None:
    assert found(RULE, [server(env=env)]) == [f"{how} {FIX}"]


def test_an_argument_that_switches_it_on_is_told() -> None:
    loud = server()
    container(loud)["args"] = ["--max-num-seqs=8", "--enable-log-outputs"]
    assert found(RULE, [loud]) == [f"an argument, --enable-log-outputs, {FIX}"]
