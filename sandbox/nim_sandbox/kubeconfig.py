"""Kubeconfig files: server, authority and a client certificate, all embedded; never an unchecked server."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path

from nim_sandbox.certificates import Identity
from nim_sandbox.folder import CONTEXT


def kubeconfig_text(server: str, certificates: Path, identity: Identity) -> str:
    """JSON, which is YAML too."""

    def embedded(file: str) -> str:
        return base64.b64encode((certificates / file).read_bytes()).decode("ascii")

    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": CONTEXT, "cluster": {"server": server, "certificate-authority-data": embedded("ca.crt")}}
            ],
            "users": [
                {
                    "name": identity.user,
                    "user": {
                        "client-certificate-data": embedded(f"{identity.file}.crt"),
                        "client-key-data": embedded(f"{identity.file}.key"),
                    },
                }
            ],
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": identity.user}}],
            "current-context": CONTEXT,
        },
        indent=2,
    )


def write_kubeconfig(path: Path, text: str) -> None:
    """Readable by its owner only: it holds a private key."""
    aside = path.with_name(f"{path.name}.new")
    aside.touch(mode=0o600)
    aside.write_text(text, encoding="utf-8")
    aside.rename(path)


def write_kubeconfigs(server: str, certificates: Path, identities: Iterable[Identity]) -> None:
    """One for each, beside its certificate."""
    for identity in identities:
        text = kubeconfig_text(server, certificates, identity)
        write_kubeconfig(certificates / f"{identity.file}.kubeconfig", text)
