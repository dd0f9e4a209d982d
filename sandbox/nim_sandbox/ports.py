"""Free ports on loopback: kept from start to start of one sandbox, so that its kubeconfig stays true."""

import json
import random
import socket
from collections.abc import Sequence
from pathlib import Path

RANGE = range(20_000, 32_000)
"""Below the ports that Linux gives to outgoing connections (32768 and up), which could take one between our look and
the program's start."""


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_ports(names: Sequence[str], remembered: Path, *, fresh: bool) -> dict[str, int]:
    """A free port per name: those of the last start where all are still free and not `fresh`, else random ones.

    Random, not the lowest: two sandboxes that start at once seldom meet, and the caller tries again if they do.
    """
    if not fresh and remembered.exists():
        ports = json.loads(remembered.read_text(encoding="utf-8"))
        if set(ports) == set(names) and all(is_free(port) for port in ports.values()):
            return {name: int(ports[name]) for name in names}
    free = (port for port in random.sample(RANGE, len(RANGE)) if is_free(port))
    ports = {name: next(free) for name in names}
    remembered.write_text(json.dumps(ports), encoding="utf-8")
    return ports
