"""Where artifacts come from: a folder, an HTTP mirror, Hugging Face. NGC itself only NIM's own images can read.

Registries are in `oci`.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, unquote, urlsplit
from urllib.request import Request, urlopen

from nim_launcher.hugging_face import HubFile
from nim_launcher.refusal import ExitCode, refuse
from nim_profiles.profile import Artifact

TIMEOUT_SECONDS = 60
"""Without a byte."""
UNAUTHORIZED, RANGE_NOT_SATISFIABLE = 401, 416


@dataclass(frozen=True, slots=True)
class Location:
    """One file: a path, or an address with the headers it wants."""

    address: str
    headers: Mapping[str, str]
    authorize: Callable[[str], None] | None = None
    """Changes `headers` so that a request succeeds which was refused with this `WWW-Authenticate`."""
    checksum: str | None = None
    """As the source itself knows it."""
    hub: HubFile | None = None
    """Where Hugging Face's own library can fetch it."""


@dataclass(slots=True)
class Stream:
    file: IO[bytes] | Any  # Any: an HTTP response, which is no IO in name
    offset: int
    """Where it begins: what was asked for, or 0 where the other side does not resume."""
    total_bytes: int | None
    """Of the whole file; None where nobody says."""


def locate(artifact: Artifact, base: str | None, workspace: str, environ: Mapping[str, str]) -> Location:
    """`base` is a folder or an http(s) address, `{workspace}` in it the workspace's key. Raises Refused."""
    if base:
        root = base.replace("{workspace}", workspace).rstrip("/")
        if root.startswith(("http://", "https://")):
            return Location(f"{root}/{quote(artifact.path)}", {})
        return Location(f"{root.removeprefix('file://')}/{artifact.path}", {})
    uri = urlsplit(artifact.uri)
    if uri.scheme in {"http", "https"}:
        return Location(artifact.uri, {})
    if uri.scheme in {"", "file"} and uri.path.startswith("/"):
        return Location(unquote(uri.path) if uri.scheme else artifact.uri, {})
    if uri.scheme == "hf":
        repository, _, revision = f"{uri.netloc}{uri.path}".partition(":")
        file = parse_qs(uri.query).get("file", [artifact.path])[0]
        hub = HubFile.of(repository, revision, file, environ)
        headers = {"Authorization": f"Bearer {hub.token}"} if hub.token else {}
        return Location(hub.address, headers, hub=hub)
    raise refuse(
        ExitCode.DOWNLOAD,
        f"{artifact.uri!r} cannot be read here ({uri.scheme or 'no'} address). Give --source or "
        "NIM_REPOSITORY_OVERRIDE: a folder, an http(s) mirror or an oci:// artifact with the same files",
    )


def open_at(location: Location, offset: int) -> Stream:
    """The file from `offset` on, or from its start. Raises OSError, of which urllib's errors are kinds."""
    try:
        return _open(location, offset)
    except HTTPError as error:
        if error.code != UNAUTHORIZED or location.authorize is None:
            raise
        location.authorize(error.headers.get("WWW-Authenticate", ""))
        return _open(location, offset)


def _open(location: Location, offset: int) -> Stream:
    if not location.address.startswith(("http://", "https://")):
        file = Path(location.address).open("rb")  # noqa: SIM115 - the caller closes it
        total = os.fstat(file.fileno()).st_size
        return Stream(file, file.seek(offset if offset <= total else 0), total)
    request = Request(location.address)  # noqa: S310 - the scheme was looked at above
    for name, value in location.headers.items():
        request.add_unredirected_header(name, value)  # a redirect leads to another host, which gets no token
    if offset:
        request.add_header("Range", f"bytes={offset}-")
    try:
        response = urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310 - as above
    except HTTPError as error:
        error.close()  # what it says is in its code and headers
        if error.code == RANGE_NOT_SATISFIABLE and offset:
            return _open(location, 0)
        raise
    begin = offset if response.status == 206 else 0  # partial content
    length = response.headers.get("Content-Length")
    return Stream(response, begin, begin + int(length) if length else None)
