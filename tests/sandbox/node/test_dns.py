import asyncio
import socket
import struct

import pytest

from nim_sandbox.node.dns import Responder, answer, read_question, service_of


def question(name: str, kind: int = 1) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def test_a_question_is_read_back_as_it_was_asked_in_small_letters() -> None:
    read = read_question(question("Llama.nim.svc.cluster.local", 28))
    assert (read.number, read.name, read.kind) == (7, "llama.nim.svc.cluster.local", 28)


@pytest.mark.parametrize(
    "packet", [b"", b"\0\7\1\0\0\1\0\0\0\0\0\0\x05ab", question("a")[:2] + b"\x80\0" + question("a")[4:]]
)
def test_what_is_cut_short_or_is_itself_an_answer_is_no_question(packet: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut short|not one question"):
        read_question(packet)


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("llama.nim.svc.cluster.local", ("llama", "nim")),
        ("llama.nim.svc", None),
        ("pod.llama.nim.svc.cluster.local", None),
        ("example.com", None),
    ],
)
def test_only_services_of_the_cluster_have_a_name(name: str, service: tuple[str, str] | None) -> None:
    assert service_of(name) == service


def test_an_answer_repeats_the_question_and_lists_every_address() -> None:
    asked = question("llama.nim.svc.cluster.local")
    got = answer(read_question(asked), ["10.88.1.2", "10.88.1.3"])
    assert struct.unpack_from("!HHHHHH", got) == (7, 0x8580, 1, 2, 0, 0)
    assert got[12:].startswith(asked[12:])
    assert got.endswith(socket.inet_aton("10.88.1.3"))
    assert socket.inet_aton("10.88.1.2") in got


def test_a_service_without_ready_pods_is_a_name_without_addresses_and_an_unknown_one_no_name() -> None:
    read = read_question(question("llama.nim.svc.cluster.local"))
    assert struct.unpack_from("!HHHH", answer(read, [])) == (7, 0x8580, 1, 0)
    assert struct.unpack_from("!HHHH", answer(read, None)) == (7, 0x8583, 1, 0)


def test_there_are_no_addresses_of_version_6() -> None:
    read = read_question(question("llama.nim.svc.cluster.local", 28))
    assert struct.unpack_from("!HHHH", answer(read, ["10.88.1.2"])) == (7, 0x8580, 1, 0)


def test_it_answers_on_a_socket_and_lets_rubbish_pass() -> None:
    async def addresses(service: str, namespace: str) -> list[str] | None:
        return ["10.88.1.2"] if (service, namespace) == ("llama", "nim") else None

    async def ask() -> bytes:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: Responder(addresses), local_addr=("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(0)
            asker.connect(transport.get_extra_info("sockname"))
            await loop.sock_sendall(asker, b"rubbish")
            await loop.sock_sendall(asker, question("llama.nim.svc.cluster.local"))
            got = await asyncio.wait_for(loop.sock_recv(asker, 512), 5)
        transport.close()
        return got

    assert asyncio.run(ask()).endswith(socket.inet_aton("10.88.1.2"))
