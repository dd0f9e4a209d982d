"""One endpoint, and what a cluster says of it."""

from functools import cache
from typing import Any

from stacks.plan import EndpointPlan
from stacks.selected import ROOT, planned_from
from stacks.status.seen import Pod

LLAMA = (
    "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"
    "@sha256:31e360dbb15f825d69e5d68c2032e334301523b4957091270385ed7ef3db5e81"
)
FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
BF16 = "092ed4213624e774d24cdaf84e3b6222839bab2008a21d3c214ab46626366f90"


@cache
def chat() -> EndpointPlan:
    raw = {
        "cluster": {"sandbox": "team"},
        "needs_ngc_key": False,
        "pools": {"l40s": {"back_end": "simulated", "instance_type": "g6e.12xlarge"}},
        "endpoints": {"chat": {"image": LLAMA, "profile": FP8, "pool": "l40s", "replicas": 2}},
    }
    return planned_from(raw, ROOT, "team", "stacks/Pulumi.team.yaml").endpoints[0]


def pod(name: str = "chat-0", **changes: Any) -> Pod:
    """Ready, and serving what is pinned."""
    values: dict[str, Any] = {
        "name": name,
        "ready": True,
        "serves": True,
        "simulated": False,
        "restarts": 0,
        "exit_code": None,
        "trouble": None,
        "words": "",
        "answer": f'{{"profile_id": "{FP8}"}}',
        "silence": None,
    }
    return Pod(**{**values, **changes})
