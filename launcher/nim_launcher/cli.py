"""The command line. Anything that is no command of ours is options of vLLM: `nim-launcher --max-model-len 4096`."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from nim_launcher.refusal import ExitCode, Refused, refuse
from nim_launcher.start import cache_path, machine_of, our_path, pick, prepare, say, start

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

USAGE = """\
nim-launcher [start] [vLLM's options]      check the GPUs, then become vLLM with the pinned profile
nim-launcher check [vLLM's options]        the same without starting anything
nim-launcher list-model-profiles           the manifest's profiles, by what this machine can do with them
nim-launcher download-to-cache [--profile X | --profiles X Y | --all] [--source FOLDER|URL|ARTIFACT]
nim-launcher metadata                      the profile that would be served, as JSON
nim-launcher stop [--port N]               for a preStop hook
"""


def main() -> None:
    arguments = sys.argv[1:]
    try:
        code = run(arguments, os.environ)
    except Refused as refused:
        for fault in refused.faults:
            say(str(fault))
        code = int(refused.code)
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """The exit code. Raises Refused."""
    first, rest = (arguments[0], arguments[1:]) if arguments else ("start", [])
    if first in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0
    if first.startswith("-"):
        first, rest = "start", arguments
    command = COMMANDS.get(first)
    if command is None:
        raise refuse(ExitCode.SETTING, f"{first!r} is no command: write one of {', '.join(COMMANDS)}")
    return command(rest, environ)


def _start(arguments: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    start(environ, arguments)


def _check(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    prepare(environ, arguments)
    say("check passed")
    return 0


def _list(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from nim_launcher.chosen import manifest_of, manifest_path  # noqa: PLC0415 - `start` pays for nothing it does not use
    from nim_launcher.profile_list import listing  # noqa: PLC0415 - as above

    _options("list-model-profiles", arguments)
    manifest = manifest_of(manifest_path(environ, our_path()))
    try:
        machine = machine_of(environ)
    except Refused as refused:
        if refused.code is not ExitCode.DRIVER_MISSING:
            raise
        machine = None
    print(listing(manifest, machine))
    return 0


def _metadata(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from nim_launcher.chosen import manifest_of, manifest_path  # noqa: PLC0415 - as above
    from nim_launcher.engine import find_engine  # noqa: PLC0415 - as above
    from nim_launcher.metadata import metadata  # noqa: PLC0415 - as above

    _options("metadata", arguments)
    manifest = manifest_of(manifest_path(environ, our_path()))
    choice, _ = pick(manifest, environ, measure=False)
    try:
        version: str | None = find_engine().version
    except Refused:
        version = None
    print(json.dumps(metadata(choice.profile, manifest.model, manifest.release, version), indent=2))
    return 0


def _download(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from nim_launcher.chosen import choose, manifest_of, manifest_path  # noqa: PLC0415 - as above
    from nim_launcher.download import Wanted, download  # noqa: PLC0415 - as above

    def options(parser: "ArgumentParser") -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--profile", "-p", "--profiles", nargs="+", dest="profiles", default=[])
        which.add_argument("--all", action="store_true")
        parser.add_argument("--source", default=environ.get("NIM_REPOSITORY_OVERRIDE"))
        parser.add_argument("--allow-unverified", action="store_true")
        parser.add_argument("--verify", action="store_true")

    given = _options("download-to-cache", arguments, options)
    manifest = manifest_of(manifest_path(environ, our_path()))
    if "default" in (word.lower() for word in given.profiles):
        raise refuse(ExitCode.PROFILE, "`default` is no profile to download, as in NIM's images. Give an id or a name")
    if given.all:
        profiles = list(manifest.profiles)
    elif given.profiles:
        profiles = [choose(manifest, wanted, None).profile for wanted in given.profiles]
    else:
        profiles = [pick(manifest, environ, measure=False)[0].profile]
    wanted = Wanted(base=given.source, allow_unverified=given.allow_unverified, verify=given.verify)
    for profile in profiles:
        result = download(profile, cache_path(environ), wanted, environ, say)
        say(
            f"{profile.id} ({profile.name}): {result.downloaded} files downloaded ({result.bytes} bytes), "
            f"{result.kept} were there, {result.unverified} without a checksum that could be checked"
        )
    return 0


def _stop(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from nim_launcher.lifecycle import stop  # noqa: PLC0415 - as above

    default = environ.get("NIM_SERVER_PORT") or "8000"
    given = _options("stop", arguments, lambda parser: parser.add_argument("--port", type=int, default=int(default)))
    stop(given.port)
    return 0


def _options(
    command: str, arguments: Sequence[str], describe: Callable[["ArgumentParser"], object] = str
) -> "Namespace":
    import argparse  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(f"nim-launcher {command}", allow_abbrev=False)
    describe(parser)
    try:
        return parser.parse_args(arguments)
    except SystemExit as error:
        if not error.code:
            raise
        raise refuse(ExitCode.SETTING, f"{command}: see the line above, or nim-launcher {command} --help") from None


COMMANDS: dict[str, Callable[[Sequence[str], Mapping[str, str]], int]] = {
    "start": _start,
    "nim-serve": _start,
    "check": _check,
    "list-model-profiles": _list,
    "download-to-cache": _download,
    "metadata": _metadata,
    "stop": _stop,
}
"""`nim-serve` is what NIM 2.0 images call `start`."""
