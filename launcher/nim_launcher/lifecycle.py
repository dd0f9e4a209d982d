"""How a pod with this launcher ends: what the pod's spec needs, and the command behind its preStop hook.

After exec process 1 is vLLM. Ready, it drains on SIGTERM for `--shutdown-timeout` seconds. While it starts, it ignores
the first SIGTERM and ends on the second (seen with vLLM 0.32): the hook sends the first, the kubelet the second. All
processes of the container go with process 1. Its /dev/shm is a volume that stays: what a killed vLLM leaves in it is
sparse (92 KiB of 400 MiB, vLLM 0.32 on processors), so that dozens of them do not fill it.
"""

import os
import signal
import socket
import time

SETTLE_SECONDS = 15
"""Time to end beside the drain: 0.7 s when idle, more with engine processes to wait for. Our estimate."""
HOOK_SECONDS = 1.0
"""Between the hook's SIGTERM and the kubelet's, so that they are two."""


SPREAD_SECONDS = 5.0
"""In which a server that is to end goes on serving: proxies on all nodes hear of it only after the kubelet does."""


def grace_period_seconds(drain_seconds: int) -> int:
    """For `terminationGracePeriodSeconds`: the hook, the drain, and the end. Kubernetes counts the hook in."""
    return drain_seconds + SETTLE_SECONDS + int(max(HOOK_SECONDS, SPREAD_SECONDS))


def pre_stop(program: str) -> dict[str, object]:
    """For `lifecycle.preStop` of the container; `program` is the zip application's path in it."""
    return {"exec": {"command": ["python3", program, "stop"]}}


def stop(port: int, pid: int = 1) -> bool:
    """Sends the SIGTERM that a starting vLLM ignores; waits for one that listens already. True if it was sent.

    vLLM listens only when the model is loaded.
    """
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        os.kill(pid, signal.SIGTERM)
        time.sleep(HOOK_SECONDS)
        return True
    time.sleep(SPREAD_SECONDS)
    return False
