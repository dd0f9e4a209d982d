"""Files of Hugging Face through its own library, where the image has it: it knows faster ways than plain HTTP."""

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DEFAULT_SERVER = "https://huggingface.co"


class HubFailed(OSError):
    """What the library said; `code` is the server's answer, or 0 where there was none."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(" ".join(text.split()))
        self.code = code


@dataclass(frozen=True, slots=True)
class HubFile:
    server: str
    repository: str
    revision: str
    path: str
    token: str | None

    @classmethod
    def of(cls, repository: str, revision: str, path: str, environ: Mapping[str, str]) -> "HubFile":
        server = environ.get("HF_ENDPOINT", DEFAULT_SERVER).rstrip("/")
        return cls(server, repository, revision or "main", path, environ.get("HF_TOKEN"))

    @property
    def address(self) -> str:
        """For those who ask without the library."""
        return f"{self.server}/{self.repository}/resolve/{self.revision}/{quote(self.path)}"


def has_library() -> bool:
    return importlib.util.find_spec("huggingface_hub") is not None


def fetch(file: HubFile, folder: Path) -> Path:
    """The whole file, somewhere in `folder`, which also holds what the library needs to go on. Raises HubFailed."""
    library = importlib.import_module("huggingface_hub")
    try:
        return Path(
            library.hf_hub_download(
                file.repository,
                file.path,
                revision=file.revision,
                local_dir=folder,
                token=file.token,
                endpoint=file.server,
            )
        )
    except Exception as error:  # noqa: BLE001 - the library's errors, and those beneath it, have no common base
        raise HubFailed(str(error), getattr(getattr(error, "response", None), "status_code", 0)) from None
