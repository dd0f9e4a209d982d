import socket
from pathlib import Path

from nim_sandbox.ports import RANGE, choose_ports, is_free


def test_ports_are_kept_from_start_to_start(tmp_path: Path) -> None:
    first = choose_ports(["a", "b"], tmp_path / "ports", fresh=False)
    assert choose_ports(["a", "b"], tmp_path / "ports", fresh=False) == first
    assert len(set(first.values())) == 2
    assert set(first.values()) <= set(RANGE)


def test_a_port_that_was_taken_meanwhile_is_given_up_with_all_the_others(tmp_path: Path) -> None:
    first = choose_ports(["a", "b"], tmp_path / "ports", fresh=False)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first["a"]))
        other.listen()
        assert not is_free(first["a"])
        second = choose_ports(["a", "b"], tmp_path / "ports", fresh=False)
    assert first["a"] not in second.values()


def test_fresh_ports_are_others(tmp_path: Path) -> None:
    names = [str(number) for number in range(20)]
    assert choose_ports(names, tmp_path / "ports", fresh=False) != choose_ports(names, tmp_path / "ports", fresh=True)
