"""OCI registries as a source: an artifact whose layers are the files, each titled with its path, as by `oras push`.

After the OCI distribution specification 1.1 (manifests, blobs) and the OCI image specification 1.1 (manifest,
`org.opencontainers.image.title`); tokens after Docker's registry authentication, which registries share.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from nim_launcher.refusal import ExitCode, refuse
from nim_launcher.source import Location, open_at
from nim_profiles.profile import Artifact

SCHEMES = {"oci": "https", "oci+http": "http"}
"""The second is for registries inside a cluster that speak no TLS."""
TITLE = "org.opencontainers.image.title"
ACCEPT = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, */*"
MANIFEST_LIMIT_BYTES = 4 << 20
"""What the distribution specification wants registries to take."""
_ADDRESS = re.compile(
    r"(?P<scheme>oci|oci\+http)://(?P<host>[^/\s]+)/(?P<name>[a-z0-9._/-]+?)"
    r"(?P<reference>:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})"
)


@dataclass(slots=True)
class Registry:
    """One repository, and the rights to it that are held so far."""

    url: str
    """`https://host/v2/name`."""
    host: str
    credentials: str | None
    """`user:password` in Base64."""
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": ACCEPT})

    def authorize(self, challenge: str) -> None:
        """Does what a 401 asks for, once more when a token has run out. Raises OSError."""
        kind, _, rest = challenge.partition(" ")
        asked = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        basic = {"Authorization": f"Basic {self.credentials}"} if self.credentials else {}
        if kind.lower() != "bearer" or "realm" not in asked:
            self.headers |= basic
            return
        query = urlencode({key: asked[key] for key in ("service", "scope") if key in asked})
        stream = open_at(Location(f"{asked['realm']}?{query}", basic), 0)
        with stream.file:
            body = stream.file.read()
        try:
            answer = json.loads(body)
            token = answer.get("token") or answer["access_token"]
        except (ValueError, AttributeError, KeyError):
            raise ConnectionError(f"{asked['realm']} gave no token") from None
        self.headers["Authorization"] = f"Bearer {token}"


def is_address(text: str) -> bool:
    return text.partition("://")[0] in SCHEMES


def files(address: str, environ: Mapping[str, str]) -> dict[str, Location]:
    """The files of an artifact by their paths. Raises Refused."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise refuse(ExitCode.SETTING, f"{address} is no artifact of a registry: write oci://HOST/NAME:TAG")
    host, reference = found["host"], found["reference"][1:]
    url = f"{SCHEMES[found['scheme']]}://{host}/v2/{found['name']}"
    registry = Registry(url, host, _credentials(host, environ))
    layers = _manifest(address, registry, reference).get("layers")
    titled = {
        layer["annotations"][TITLE]: layer
        for layer in (layers if isinstance(layers, list) else ())
        if TITLE in (layer.get("annotations") or {})
    }
    if not titled:
        raise refuse(ExitCode.DOWNLOAD, f"{address} has no layer with a title: push the files with `oras push`")
    return {path: _location(registry, layer) for path, layer in titled.items()}


def pick(found: Mapping[str, Location], artifact: Artifact, address: str) -> Location:
    """Raises Refused."""
    if artifact.path not in found:
        raise refuse(ExitCode.DOWNLOAD, f"{address} has no file {artifact.path}, only {', '.join(sorted(found))}")
    return found[artifact.path]


def _location(registry: Registry, layer: Mapping[str, Any]) -> Location:  # Any: JSON
    digest = str(layer["digest"])
    return Location(f"{registry.url}/blobs/{digest}", registry.headers, registry.authorize, digest)


def _manifest(address: str, registry: Registry, reference: str) -> dict[str, Any]:  # Any: JSON
    location = Location(f"{registry.url}/manifests/{reference}", registry.headers, registry.authorize)
    try:
        stream = open_at(location, 0)
        with stream.file:
            body = stream.file.read(MANIFEST_LIMIT_BYTES)
    except OSError as error:
        known = "with what its entry in Docker's config.json says" if registry.credentials else "without credentials"
        hint = f" ({known})" if isinstance(error, HTTPError) and error.code in {401, 403} else ""
        raise refuse(ExitCode.DOWNLOAD, f"{address} cannot be read{hint}: {error}") from None
    if reference.startswith("sha256:") and f"sha256:{hashlib.sha256(body).hexdigest()}" != reference:
        raise refuse(ExitCode.CHECKSUM, f"{address}: the registry answered with another manifest")
    try:
        return dict(json.loads(body))
    except ValueError:
        raise refuse(ExitCode.DOWNLOAD, f"{address}: the registry's answer is no manifest") from None


def _credentials(host: str, environ: Mapping[str, str]) -> str | None:
    """From the file that pull secrets are, `$DOCKER_CONFIG/config.json`. Raises Refused where it is no such file."""
    folder = environ.get("DOCKER_CONFIG")
    path = Path(folder) / "config.json" if folder else None
    if path is None or not path.is_file():
        return None
    try:
        entry = json.loads(path.read_text(encoding="utf-8")).get("auths", {}).get(host, {})
        if "username" in entry:
            return base64.b64encode(f"{entry['username']}:{entry['password']}".encode()).decode()
        return str(entry["auth"]) if "auth" in entry else None
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise refuse(ExitCode.SETTING, f"{path} is no configuration of Docker's: {type(error).__name__}") from None
