"""The commands of the container: the start script, and the utilities on its PATH."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from nim_profiles.profile import Profile
from nim_sandbox.nim_like import mirror
from nim_sandbox.nim_like.choose import choose, listing
from nim_sandbox.nim_like.container import NGC, Container, Ends
from nim_sandbox.nim_like.download import download_to_cache, ensure
from nim_sandbox.nim_like.server import server

COMMANDS = ("list-model-profiles", "download-to-cache", "nim-serve", "mirror")
SELECTED_LOG_LEVELS = ("TRACE", "DEBUG", "INFO")


def main() -> None:
    """The start script starts the server, or runs the command that it is given, as NIM's does."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:]]
    if words[0] not in COMMANDS:
        words = words[1:] if words[1:2] and words[1] in COMMANDS else ["nim-serve", *words[1:]]
    try:
        run(words[0], words[1:])
    except Ends as why:
        print(why, file=sys.stderr, flush=True)
        sys.exit(1)


def run(command: str, arguments: Sequence[str]) -> None:
    """Raises Ends."""
    container = Container.of(os.environ)
    if command == "list-model-profiles":
        print(listing(container))
    elif command == "download-to-cache":
        download_to_cache(container, arguments, log)
    elif command == "mirror":
        mirror.serve(Path(NGC), container.port)
    else:
        serve(container)


def log(line: str) -> None:
    """1.x logs how it came to its profile. 2.x does so from level INFO on; its default is WARNING."""
    level = os.environ.get("NIM_LOG_LEVEL", "")
    if os.environ.get("NIM_LIKE_GENERATION") == "1" or level.upper() in SELECTED_LOG_LEVELS:
        print(f"INFO {line}", flush=True)


def serve(container: Container) -> None:
    """Until SIGTERM, then exit code 0. Raises Ends."""
    profile = choose(container, log)
    log(f"Selected profile: {profile.id} ({profile.name})")
    folder = ensure(container, profile, log)
    _make_served_folder(container, folder)
    listener = server(container, profile)
    print(banner(container, profile), flush=True)

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    listener.serve_forever()


def banner(container: Container, profile: Profile) -> str:
    """As 2.0.6 prints it instead of log lines."""
    return "\n".join(
        [
            "Starting a stand-in for vLLM",
            f"Model: {container.manifest.model}",
            f"Precision: {profile.precision}",
            f"TP/PP: {profile.tensor_parallel}/{profile.pipeline_parallel}",
            f"Port: {container.port}",
        ]
    )


def _make_served_folder(container: Container, folder: Path) -> None:
    """2.x serves from a folder that it makes at each start, so that a cache that cannot be written ends it."""
    if container.generation == 1:
        return
    try:
        served = container.cache / "nim_0000"
        served.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            link = served / file.name
            link.unlink(missing_ok=True)
            link.symlink_to(file)
    except OSError as error:
        raise Ends(f"Model download failed: {error}") from None


if __name__ == "__main__":
    main()
