"""Several nodes for one replica: from the variables of a LeaderWorkerSet to words for vLLM, or for Ray.

Source of the variables: LeaderWorkerSet, API leaderworkerset.x-k8s.io/v1 (LWS_LEADER_ADDRESS, LWS_GROUP_SIZE,
LWS_WORKER_INDEX in every container of a group).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nim_launcher.refusal import ExitCode, refuse
from nim_profiles.profile import Profile
from nim_profiles.vllm_args import Options

RAY_PORT = 6379


@dataclass(frozen=True, slots=True)
class Node:
    """What this pod is in its group."""

    gpu_count: int
    words: tuple[str, ...] = ()
    """Options of vLLM."""
    before: tuple[str, ...] = ()
    """A command that must have ended well before vLLM starts; empty for none."""
    instead: tuple[str, ...] = ()
    """A command that runs in place of vLLM; empty for vLLM."""

    @property
    def needs_serve(self) -> bool:
        """True for workers without HTTP: of vLLM's two front doors only `vllm serve` heeds `--headless` (0.32)."""
        return "--headless" in self.words


def node_of(environ: Mapping[str, str], profile: Profile, options: Options) -> Node:
    """One node where LWS_GROUP_SIZE is absent or 1. Raises Refused where the variables make no group."""
    size = _number(environ, "LWS_GROUP_SIZE", 1)
    if size <= 1:
        return Node(profile.gpu_count)
    rank = _number(environ, "LWS_WORKER_INDEX", -1)
    leader = environ.get("LWS_LEADER_ADDRESS", "")
    if not leader or not 0 <= rank < size:
        raise refuse(
            ExitCode.SETTING,
            f"LWS_GROUP_SIZE is {size}, LWS_WORKER_INDEX {rank}, LWS_LEADER_ADDRESS {leader!r}: not one group. "
            "Run this in a LeaderWorkerSet, or unset all three",
        )
    if profile.gpu_count % size:
        raise refuse(
            ExitCode.SETTING,
            f"{profile.name} runs on {profile.gpu_count} GPUs, which {size} nodes cannot share evenly. "
            "Set the LeaderWorkerSet's size to a divisor of it",
        )
    share = profile.gpu_count // size
    way = environ.get("NIM_LAUNCHER_MULTI_NODE") or ("native" if "--nnodes" in options.by_flag else "ray")
    if way == "native":
        words = (f"--nnodes={size}", f"--node-rank={rank}", f"--master-addr={leader}")
        return Node(share, (*words, "--headless") if rank else words)
    if way != "ray":
        raise refuse(ExitCode.SETTING, f"NIM_LAUNCHER_MULTI_NODE is {way!r}: write native or ray")
    gpus = f"--num-gpus={share}"
    if rank:
        return Node(share, instead=("ray", "start", f"--address={leader}:{RAY_PORT}", gpus, "--block"))
    head = ("ray", "start", "--head", f"--port={RAY_PORT}", gpus)
    return Node(share, ("--distributed-executor-backend=ray",), before=head)


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    return int(text) if text.isdigit() else default
