"""A line of a log as it may be shown: one line, not too long, without secrets."""

import re

from nim_profiles.nim_env.secrecy import SHAPES
from nim_profiles.vllm_args.redaction import HIDDEN, is_secret

LONGEST = 300
"""Characters. Tracebacks and dumps of settings run to thousands."""
_BEARER = re.compile(r"(?i)\b(bearer|basic) +\S+")
_WEB_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
_SIGNED = re.compile(r"(?<=[?&])(X-Amz-Signature|sig)=[^&\s]+")
_VALUE = r"""(\[[^\]]*\]?|"[^"]*"?|'[^']*'?|[^\s'",;)\]}]+)"""
_ASSIGNED = re.compile(rf"""([\w.-]+)(['"]?\s*[=:]\s*){_VALUE}""")
"""`NAME=value`, `'name': ['value']`."""
_OPTION = re.compile(rf"(--[\w.-]+)(\s+){_VALUE}")
_TERMINAL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def quote(line: str) -> str:
    """Whatever looks like a secret, by its own shape or by its name, becomes `***`."""
    line = _BEARER.sub(rf"\1 {HIDDEN}", " ".join(_TERMINAL.sub("", line).split()))
    line = SHAPES.sub(_shape, _SIGNED.sub(rf"\1={HIDDEN}", line))
    line = _WEB_TOKEN.sub(HIDDEN, line)
    line = _OPTION.sub(_named, _ASSIGNED.sub(_named, line))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _shape(found: re.Match[str]) -> str:
    if found[1]:  # a signature, hidden already
        return found[0]
    return f"://{HIDDEN}@" if found[0].startswith("://") else HIDDEN


def _named(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{HIDDEN}" if is_secret(found[1]) else found[0]
