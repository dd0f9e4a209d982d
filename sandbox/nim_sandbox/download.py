"""Official downloads: checked against the publisher's SHA-256, given up at once where the network forbids them."""

import hashlib
import io
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

CONNECT_SECONDS = 3.0
READ_SECONDS = 30.0


class DownloadFailed(RuntimeError):
    """Not reachable, refused, or not what it should be."""


class Downloads:
    """The downloads of one run. A host that failed once is not asked again."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._failed: set[str] = set()

    def fetch(self, url: str, checksums_url: str, folder: Path, name: str) -> None:
        """Puts what `url` holds into `folder`: an archive's files side by side, anything else as `name`.

        Raises DownloadFailed; the first failure of a host is reported in one line.
        """
        checksum = _checksum_of(url.rpartition("/")[2], self._get(checksums_url).decode("utf-8", "replace"))
        content = self._get(url)
        if hashlib.sha256(content).hexdigest() != checksum:
            raise DownloadFailed(f"{url} is not what {checksums_url} says: it was thrown away")
        if url.endswith(".tar.gz"):
            _unpack(content, folder)
        else:
            (folder / name).write_bytes(content)
        if not (folder / name).exists():
            raise DownloadFailed(f"{url} holds no file {name}")
        (folder / name).chmod(0o755)

    def _get(self, url: str) -> bytes:
        import httpx2 as httpx  # noqa: PLC0415 - a run that finds everything needs no network

        host = urlsplit(url).netloc
        if host in self._failed:
            raise DownloadFailed(f"{host} has failed before in this run")
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        try:
            return httpx.get(url, timeout=timeout, follow_redirects=True).raise_for_status().content
        except httpx.HTTPError as error:
            self._failed.add(host)
            self._report(f"no downloads from {host} here ({type(error).__name__}); going on without")
            raise DownloadFailed(f"{url}: {error}") from error


def _checksum_of(file: str, page: str) -> str:
    """From lines of `<sha256>  <file>`, or a page that is one bare checksum."""
    if re.fullmatch(r"[0-9a-f]{64}", page.strip()):
        return page.strip()
    for line in page.splitlines():
        parts = line.split()
        if len(parts) == 2 and parts[1].lstrip("*") == file and re.fullmatch(r"[0-9a-f]{64}", parts[0]):
            return parts[0]
    raise DownloadFailed(f"the publisher's checksums do not name {file}")


def _unpack(content: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            source = archive.extractfile(member) if member.isfile() else None
            if source is not None:
                target = folder / Path(member.name).name
                with target.open("wb") as file:
                    shutil.copyfileobj(source, file)
                target.chmod(0o755 if member.mode & 0o100 else 0o644)
