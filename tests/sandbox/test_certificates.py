import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from nim_sandbox.certificates import ADMIN, IDENTITIES, Identity, ensure_certificates
from nim_sandbox.kubeconfig import kubeconfig_text, write_kubeconfig


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    ensure_certificates(tmp_path / "certificates")
    return tmp_path / "certificates"


def loaded(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda i: i.file)
def test_every_identity_is_issued_by_the_sandboxs_own_authority(identity: Identity, certificates: Path) -> None:
    certificate = loaded(certificates / f"{identity.file}.crt")
    certificate.verify_directly_issued_by(loaded(certificates / "ca.crt"))
    assert [name.value for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == [identity.user]


@pytest.mark.parametrize(("server", "address"), [("server", "127.0.0.1"), ("kubelet-server", "10.88.0.1")])
def test_a_server_is_known_by_its_own_names_only(server: str, address: str, certificates: Path) -> None:
    names = loaded(certificates / f"{server}.crt").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["localhost", address]


def test_no_key_can_be_read_by_others_and_the_authoritys_is_not_kept(certificates: Path) -> None:
    keys = list(certificates.glob("*.key"))
    assert len(keys) == len(IDENTITIES) + 3
    assert {path.stat().st_mode & 0o077 for path in keys} == {0}
    assert not (certificates / "ca.key").exists()


def test_a_second_call_keeps_what_is_there(certificates: Path) -> None:
    before = (certificates / "ca.crt").read_bytes()
    ensure_certificates(certificates)
    assert (certificates / "ca.crt").read_bytes() == before


def test_certificates_of_an_older_sandbox_that_lack_an_identity_are_made_anew(certificates: Path) -> None:
    before = (certificates / "ca.crt").read_bytes()
    (certificates / "kubelet.key").unlink()
    ensure_certificates(certificates)
    assert (certificates / "ca.crt").read_bytes() != before
    assert (certificates / "kubelet.key").exists()


def test_a_kubeconfig_embeds_everything_and_never_skips_the_check(certificates: Path, tmp_path: Path) -> None:
    text = kubeconfig_text("https://127.0.0.1:1", certificates, ADMIN)
    assert "insecure" not in text
    config = json.loads(text)
    assert config["current-context"] == "nim-sandbox"
    assert set(config["clusters"][0]["cluster"]) == {"server", "certificate-authority-data"}
    write_kubeconfig(tmp_path / "kubeconfig", text)
    assert (tmp_path / "kubeconfig").stat().st_mode & 0o077 == 0
