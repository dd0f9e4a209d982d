"""A sandbox's certificates: an authority of its own, two for servers, one client certificate per identity."""

import datetime as dt
import ipaddress
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nim_sandbox.node.settings import ADDRESS, NODE_NAME

SERVER, KUBELET_SERVER = "server", "kubelet-server"
"""Files of the servers: of the control plane on loopback, of the real node's kubelet at its address."""
VALID_DAYS = 365
"""A sandbox lives for hours; a year spares a kept one any renewal."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a client is: Kubernetes reads the user from the common name and the groups from the organisations."""

    file: str
    user: str
    group: str | None = None


ADMIN = Identity("admin", "nim-sandbox-admin", "system:masters")
API_SERVER = Identity("kube-apiserver", "kube-apiserver")
"""Towards etcd."""
CONTROLLER_MANAGER = Identity("kube-controller-manager", "system:kube-controller-manager")
SCHEDULER = Identity("kube-scheduler", "system:kube-scheduler")
KWOK = Identity("kwok", "nim-sandbox:kwok")
KUBELET_CLIENT = Identity("kubelet-client", "nim-sandbox:kubelet-client")
"""The API server, towards kubelets."""
KUBELET = Identity("kubelet", f"system:node:{NODE_NAME}", "system:nodes")
"""The group and the form of the name are what the Node authorizer goes by."""
NODE_AGENT = Identity("node-agent", "nim-sandbox:node-agent")
IDENTITIES = (ADMIN, API_SERVER, CONTROLLER_MANAGER, SCHEDULER, KWOK, KUBELET_CLIENT, KUBELET, NODE_AGENT)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


@dataclass(frozen=True, slots=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def issue(self, folder: Path, file: str, subject: x509.Name, names: Sequence[x509.GeneralName] = ()) -> None:
        """Writes `<file>.crt` and `<file>.key`. A server's has `names`, and is a client's too, for etcd."""
        key = ec.generate_private_key(ec.SECP256R1())
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if names else [])]
        builder = (
            _builder(subject, self.certificate.subject, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        (folder / f"{file}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        _write_private(folder / f"{file}.key", _pem(key))


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # An hour back: clocks of two processes on one machine agree, those of a snapshot and its host may not.
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _subject(user: str, group: str | None = None) -> x509.Name:
    names = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
    if group is not None:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    return x509.Name(names)


def _authority() -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject("nim-sandbox-ca")
    certificate = (
        _builder(subject, subject, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    return _Authority(key, certificate)


def ensure_certificates(folder: Path) -> None:
    """`ca.crt`, `server.*`, `kubelet-server.*`, one pair per identity and the service accounts'
    `service-account.{key,pub}`; kept if all of it is there.

    Written aside and renamed: whoever finds the folder finds all of it. The authority's key is not kept.
    """
    if all((folder / f"{file}.key").exists() for file in (KUBELET_SERVER, *(one.file for one in IDENTITIES))):
        return
    aside = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    authority = _authority()
    (aside / "ca.crt").write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    for server, address in ((SERVER, "127.0.0.1"), (KUBELET_SERVER, ADDRESS)):
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(address))]
        authority.issue(aside, server, _subject(f"nim-sandbox-{server}"), names)
    for identity in IDENTITIES:
        authority.issue(aside, identity.file, _subject(identity.user, identity.group))
    account_key = ec.generate_private_key(ec.SECP256R1())
    _write_private(aside / "service-account.key", _pem(account_key))
    (aside / "service-account.pub").write_bytes(
        account_key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
