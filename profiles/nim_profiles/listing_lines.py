"""Log text as plain lines: without colours, and without what log collectors put in front of each line."""

import re
from collections.abc import Iterator

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NEWLINE = re.compile(r"\r\n|\n|\r")
_PREFIX = re.compile(
    r"""\s*(?:
        \[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\s?(?:Z|[+-]\d\d:?\d\d)?\]?(?=\s|$)  # kubectl --timestamps
        |\[pod/[^\]\s]+\](?=\s|$)  # kubectl logs --prefix
        |(?:stdout|stderr)\s[FP](?=\s|$)  # files of containerd
        |(?![0-9a-f]{6,})[A-Za-z0-9][\w.-]*\s*\|(?=\s|$)  # docker compose
    )\x20?""",
    re.VERBOSE | re.ASCII,
)
_LOG_LEVEL = re.compile(r".{0,100}?\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b|[IWEF]\d{4}\s")
_QUOTE = " \t>#\ufeff"


def plain_lines(text: str) -> Iterator[str]:
    """Each line as the program printed it, its indentation and quote marks (`>`, `#`) taken off."""
    for raw in _NEWLINE.split(_ESCAPE.sub("", text)):
        line = raw
        for _ in range(3):
            if found := _PREFIX.match(line):
                line = line[found.end() :]
        yield line.lstrip(_QUOTE).rstrip()


def is_log_line(line: str) -> bool:
    """Whether a line of `plain_lines` names a log level near its start; true for `SYSTEM INFO` too."""
    return _LOG_LEVEL.match(line) is not None
