import sys

import pytest

from nim_launcher.checksum import Checksum


def test_a_checksum_is_an_algorithm_and_a_digest() -> None:
    assert Checksum.parse("SHA256:AB") == Checksum("sha256", "ab")
    assert Checksum.parse("ab") is Checksum.parse(None) is None


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("blake3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
    ],
)
def test_known_digests_of_abc(algorithm: str, digest: str) -> None:
    hasher = Checksum(algorithm, "").hasher()
    assert hasher is not None
    made = hasher()
    made.update(b"abc")
    assert made.hexdigest() == digest


@pytest.mark.parametrize("algorithm", ["crc7", "shake_128", ""])
def test_what_cannot_be_computed_has_no_hasher(algorithm: str) -> None:
    assert Checksum(algorithm, "").hasher() is None


def test_blake3_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "blake3", None)
    assert Checksum("blake3", "").hasher() is None
