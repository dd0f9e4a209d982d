# ruff: noqa: INP001 - a script, not a package
"""Writes the comment of a preview to its pull request on GitHub, or updates the one that is there.

    GITHUB_TOKEN=… GITHUB_REPOSITORY=owner/name HEAD_OWNER=… HEAD_BRANCH=… HEAD_SHA=… python tools/comment.py FILE

Which pull request it is follows from its head as GitHub states it, never from the file: that comes from a job which a
fork may have changed. So what the file says is cut to GitHub's limit and posted as the comment's text, and no more.
Needs `pull-requests: write`. Standard library only.
"""

import json
import os
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MARKER = "<!-- nim-preview -->"
LIMIT = 65_536
"""Characters of a comment: GitHub refuses longer ones."""
CUT = "\n\n(cut: the whole report is an artifact of the workflow)"
PAGE = 100
"""The most that the API gives at once."""


class Github:
    """The few calls that are needed."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._url = f"{environ.get('GITHUB_API_URL', 'https://api.github.com')}/repos/{environ['GITHUB_REPOSITORY']}"
        self._token = environ["GITHUB_TOKEN"]

    def call(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:  # Any: JSON
        request = urllib.request.Request(  # noqa: S310 - GitHub's own URL, from its environment
            f"{self._url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Accept": "application/vnd.github+json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            return json.load(answer)

    def pages(self, path: str) -> Iterator[Any]:  # Any: JSON
        number, found = 1, [None] * PAGE
        while len(found) == PAGE:
            found = self.call("GET", f"{path}{'&' if '?' in path else '?'}per_page={PAGE}&page={number}")
            yield from found
            number += 1


def pull_request(github: Github, environ: Mapping[str, str]) -> int | None:
    """Its number; None where that head is no longer the head of an open one."""
    head = urllib.parse.quote(f"{environ['HEAD_OWNER']}:{environ['HEAD_BRANCH']}", safe="")
    for one in github.pages(f"/pulls?state=open&head={head}"):
        if one["head"]["sha"] == environ["HEAD_SHA"]:
            return int(one["number"])
    return None


def body_of(text: str) -> str:
    """With the marker, once, and no longer than GitHub takes."""
    whole = f"{MARKER}\n{text.removeprefix(MARKER).strip()}"
    return whole if len(whole) <= LIMIT else f"{whole[: LIMIT - len(CUT)]}{CUT}"


def write(github: Github, number: int, body: str) -> str:
    """Updates our comment, or makes it. Says which."""
    for comment in github.pages(f"/issues/{number}/comments"):
        # Only a bot's: anybody may write the marker.
        if comment["user"]["type"] == "Bot" and comment["body"].startswith(MARKER):
            github.call("PATCH", f"/issues/comments/{comment['id']}", {"body": body})
            return "updated"
    github.call("POST", f"/issues/{number}/comments", {"body": body})
    return "written"


def main() -> None:
    github = Github(os.environ)
    number = pull_request(github, os.environ)
    if number is None:
        print("this head is no longer that of an open pull request: nothing to say")
        return
    done = write(github, number, body_of(Path(sys.argv[1]).read_text(encoding="utf-8")))
    print(f"comment of pull request {number} {done}")


if __name__ == "__main__":
    main()
