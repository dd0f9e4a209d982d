import hashlib
import io
import socket
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nim_sandbox.download import DownloadFailed, Downloads


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address at which it is served."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_plain_program_is_taken_when_its_checksum_agrees(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = site
    (folder / "tool").write_bytes(b"program")
    (folder / "tool.sha256").write_text(hashlib.sha256(b"program").hexdigest())
    Downloads(print).fetch(f"{url}/tool", f"{url}/tool.sha256", tmp_path, "tool")
    assert (tmp_path / "tool").read_bytes() == b"program"
    assert (tmp_path / "tool").stat().st_mode & 0o100


def test_an_archive_is_laid_out_flat_and_cannot_leave_its_folder(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = site
    with tarfile.open(folder / "tool.tar.gz", "w:gz") as archive:
        for name in ("tool-v1/tool", "../../beside"):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = 1, 0o755
            archive.addfile(entry, io.BytesIO(b"x"))
    digest = hashlib.sha256((folder / "tool.tar.gz").read_bytes()).hexdigest()
    (folder / "sums").write_text(f"{'0' * 64}  other.tar.gz\n{digest}  tool.tar.gz\n")
    target = tmp_path / "deep" / "er"
    target.mkdir(parents=True)
    Downloads(print).fetch(f"{url}/tool.tar.gz", f"{url}/sums", target, "tool")
    assert sorted(path.name for path in target.iterdir()) == ["beside", "tool"]


def test_an_archive_without_the_program_is_no_download(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = site
    with tarfile.open(folder / "tool.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("README"))
    (folder / "sums").write_text(hashlib.sha256((folder / "tool.tar.gz").read_bytes()).hexdigest())
    with pytest.raises(DownloadFailed, match=r"tool\.tar\.gz holds no file tool"):
        Downloads(print).fetch(f"{url}/tool.tar.gz", f"{url}/sums", tmp_path, "tool")


def test_a_download_that_is_not_what_its_publisher_says_is_thrown_away(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = site
    (folder / "tool").write_bytes(b"tampered")
    (folder / "tool.sha256").write_text(hashlib.sha256(b"program").hexdigest())
    with pytest.raises(DownloadFailed, match="thrown away"):
        Downloads(print).fetch(f"{url}/tool", f"{url}/tool.sha256", tmp_path, "tool")
    assert not (tmp_path / "tool").exists()


def test_checksums_that_do_not_name_the_file_are_none(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = site
    (folder / "tool").write_bytes(b"program")
    (folder / "sums").write_text(f"{hashlib.sha256(b'program').hexdigest()}  other\n")
    with pytest.raises(DownloadFailed, match="do not name tool"):
        Downloads(print).fetch(f"{url}/tool", f"{url}/sums", tmp_path, "tool")


def test_a_host_that_failed_is_reported_once_and_not_asked_again(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, but nobody listens: refused at once
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        said: list[str] = []
        downloads = Downloads(said.append)
        for file in ("a", "b"):
            with pytest.raises(DownloadFailed):
                downloads.fetch(f"http://{host}/{file}", f"http://{host}/{file}.sha256", tmp_path, file)
    assert said == [f"no downloads from {host} here (ConnectError); going on without"]
