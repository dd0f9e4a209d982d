"""Runs one Pulumi program inside the engine's run.

Executed as a file by the program's own Python, so it imports nothing but the standard library and pulumi.

Exit codes: 0 done; 32 failed and the reason was logged; any other, the program's own.
"""

import argparse
import asyncio
import logging
import os
import runpy
import sys
import traceback
from pathlib import Path

import pulumi
import pulumi.log
import pulumi.runtime
from pulumi.runtime.stack import run_in_stack

ALREADY_REPORTED = 32
"""Tells the engine to print nothing more (exit code of the stock language host)."""


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("monitor", "engine", "project", "stack", "organization", "root_directory"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--parallel", type=int)
    parser.add_argument("--dry_run", action="store_true")
    parser.add_argument("program", type=Path)
    parser.add_argument("rest", nargs="*")
    return parser.parse_args(argv)


def run(program: Path, rest: list[str]) -> int:
    # Our own folder stood first; the program's modules must be found as if it had been started itself.
    sys.path[0] = str(program if program.is_dir() else program.parent)
    sys.argv = [str(program), *rest]
    # A program that fails leaves futures unread; asyncio would print each of them.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def execute() -> None:
        runpy.run_path(str(program), run_name="__main__")

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run_in_stack(execute))
    except pulumi.RunError as refused:
        pulumi.log.error(str(refused))
        return ALREADY_REPORTED
    except KeyboardInterrupt:
        return ALREADY_REPORTED
    except Exception:  # noqa: BLE001 - whatever the program raised is reported, with its traceback
        pulumi.log.error(f"Program failed with an unhandled exception:\n{traceback.format_exc()}")
        return ALREADY_REPORTED
    finally:
        loop.close()
    return 0


def main() -> int:
    arguments = parse(sys.argv[1:])
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=arguments.monitor,
            engine=arguments.engine,
            project=arguments.project,
            stack=arguments.stack,
            parallel=arguments.parallel,
            dry_run=arguments.dry_run,
            organization=arguments.organization,
            root_directory=arguments.root_directory,
        )
    )
    return run(arguments.program, arguments.rest)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: it waits for threads whose requests a failed update never answers, and then says so at length.
    os._exit(code)
