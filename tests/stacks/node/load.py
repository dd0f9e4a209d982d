"""A steady load on an endpoint, and what became of it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.request import ProxyHandler, Request, build_opener

REQUESTS_PER_SECOND = 5
TIMEOUT_SECONDS = 20


@dataclass
class Load:
    """Filled while it runs."""

    address: str
    model: str
    answered: list[float] = field(default_factory=list)
    """When each request that was answered had been sent, in monotonic seconds."""
    failed: list[tuple[float, str]] = field(default_factory=list)
    """The same of the others, with the reason."""

    @property
    def longest_gap_seconds(self) -> float:
        """Between two answered requests that follow each other."""
        times = sorted(self.answered)
        return max((after - before for before, after in pairwise(times)), default=0.0)

    def request(self) -> None:
        body = {"model": self.model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}
        request = Request(  # noqa: S310 - the address is our own
            f"{self.address}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        sent = time.monotonic()
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT_SECONDS) as response:
                json.load(response)
        except OSError as error:
            self.failed.append((sent, str(error)))
        else:
            self.answered.append(sent)


@contextmanager
def steady_load(address: str, model: str) -> Iterator[Load]:
    load, over = Load(address, model), threading.Event()

    def send() -> None:
        running = []
        while not over.wait(1 / REQUESTS_PER_SECOND):
            thread = threading.Thread(target=load.request)
            thread.start()
            running.append(thread)
        for thread in running:
            thread.join()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield load
    finally:
        over.set()
        sender.join()
