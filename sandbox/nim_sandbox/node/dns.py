"""Names of services for the pods of the node: a name's answer is the addresses of the pods that are ready behind it.

There is no kube-proxy: what a Service's own address would be turned into is answered at once. So the port of a
Service must be that of its pods. Nothing outside the cluster has a name here. After RFC 1035, questions of one name.
"""

import asyncio
import ipaddress
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

DOMAIN = "svc.cluster.local"
A, IN, NAME_ERROR, SECONDS_TO_LIVE = 1, 1, 3, 1
"""Answers live for a second: pods come and go."""

Addresses = Callable[[str, str], Awaitable[list[str] | None]]
"""Of a service (name, namespace); None where there is no such service."""


@dataclass(frozen=True, slots=True)
class Question:
    number: int
    name: str
    kind: int
    text: bytes
    """As it was asked, to be repeated."""


def read_question(packet: bytes) -> Question:
    """Raises ValueError for anything that is not one question."""
    try:
        number, flags, count = struct.unpack_from("!HHH", packet)
        labels, at = [], 12
        while length := packet[at]:
            labels.append(packet[at + 1 : at + 1 + length].decode("ascii"))
            at += 1 + length
        kind, _ = struct.unpack_from("!HH", packet, at + 1)
    except (struct.error, IndexError) as error:
        raise ValueError("cut short") from error
    if flags & 0x8000 or count != 1:
        raise ValueError("not one question")
    return Question(number, ".".join(labels).lower(), kind, packet[12 : at + 5])


def service_of(name: str) -> tuple[str, str] | None:
    """Service and namespace of `llama.nim.svc.cluster.local`; None for any other name."""
    labels = name.removesuffix(f".{DOMAIN}").split(".")
    return (labels[0], labels[1]) if name.endswith(f".{DOMAIN}") and len(labels) == 2 else None


def answer(question: Question, addresses: list[str] | None) -> bytes:
    """`addresses` None: there is no such name."""
    found = [ipaddress.IPv4Address(one).packed for one in addresses or () if question.kind == A]
    code = NAME_ERROR if addresses is None else 0
    head = struct.pack("!HHHHHH", question.number, 0x8580 | code, 1, len(found), 0, 0)
    records = (struct.pack("!HHHIH", 0xC00C, A, IN, SECONDS_TO_LIVE, 4) + packed for packed in found)
    return head + question.text + b"".join(records)


class Responder(asyncio.DatagramProtocol):
    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._running: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio makes it one of these, but its own class is no subclass of them.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.create_task(self._respond(data, addr))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _respond(self, packet: bytes, asker: tuple[str, int]) -> None:
        try:
            question = read_question(packet)
        except ValueError:
            return
        wanted = service_of(question.name)
        found = None if wanted is None else await self._addresses(*wanted)
        self._transport.sendto(answer(question, found), asker)
