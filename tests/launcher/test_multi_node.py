import pytest

from nim_launcher.multi_node import Node, node_of
from nim_launcher.refusal import ExitCode, Refused
from nim_profiles.vllm_args import Options, options_for
from tests.launcher.samples import profile

NATIVE = options_for("0.32.0")
OLD = Options("0.6.0", exact=True, by_flag={})
TWO_NODES = profile(tp="8", pp="2")
GROUP = {"LWS_GROUP_SIZE": "2", "LWS_LEADER_ADDRESS": "llm-0.llm.nim"}


def test_without_a_group_all_gpus_are_here() -> None:
    assert node_of({}, TWO_NODES, NATIVE) == node_of({"LWS_GROUP_SIZE": "1"}, TWO_NODES, NATIVE) == Node(16)


def test_vllms_own_launch_names_nodes_rank_and_leader() -> None:
    words = ("--nnodes=2", "--node-rank=0", "--master-addr=llm-0.llm.nim")
    assert node_of({**GROUP, "LWS_WORKER_INDEX": "0"}, TWO_NODES, NATIVE) == Node(8, words)


def test_a_worker_of_vllms_own_launch_serves_no_http() -> None:
    assert node_of({**GROUP, "LWS_WORKER_INDEX": "1"}, TWO_NODES, NATIVE).words[-1] == "--headless"


def test_only_a_worker_of_vllms_own_launch_needs_the_command_vllm_serve() -> None:
    ranks = [node_of({**GROUP, "LWS_WORKER_INDEX": rank}, TWO_NODES, NATIVE).needs_serve for rank in "01"]
    assert ranks == [False, True]


def test_an_older_vllm_is_launched_with_ray() -> None:
    leader = node_of({**GROUP, "LWS_WORKER_INDEX": "0"}, TWO_NODES, OLD)
    worker = node_of({**GROUP, "LWS_WORKER_INDEX": "1"}, TWO_NODES, OLD)
    assert leader.before == ("ray", "start", "--head", "--port=6379", "--num-gpus=8")
    assert leader.words == ("--distributed-executor-backend=ray",)
    assert worker.instead == ("ray", "start", "--address=llm-0.llm.nim:6379", "--num-gpus=8", "--block")


def test_ray_can_be_asked_for() -> None:
    asked = {**GROUP, "LWS_WORKER_INDEX": "1", "NIM_LAUNCHER_MULTI_NODE": "ray"}
    assert node_of(asked, TWO_NODES, NATIVE).instead[0] == "ray"


@pytest.mark.parametrize(
    "environ",
    [
        {**GROUP},
        {**GROUP, "LWS_WORKER_INDEX": "2"},
        {"LWS_GROUP_SIZE": "2", "LWS_WORKER_INDEX": "0"},
        {**GROUP, "LWS_WORKER_INDEX": "0", "LWS_GROUP_SIZE": "3"},
        {**GROUP, "LWS_WORKER_INDEX": "0", "NIM_LAUNCHER_MULTI_NODE": "mpi"},
    ],
)
def test_variables_that_make_no_group_are_refused(environ: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        node_of(environ, TWO_NODES, NATIVE)
    assert refused.value.code is ExitCode.SETTING
