"""Images are named by digest: a tag names another image tomorrow."""

import re
from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, is_unknown
from nim_policy.rule import Finding, Rule
from nim_policy.workload import all_pods

DIGEST = re.compile(r"(?P<name>.+)@sha256:[0-9a-f]{64}")


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del facts
    for pods in all_pods(resources):
        for container in pods.all_containers:
            image = str(container.get("image", ""))
            if not is_unknown(image) and (why := _problem(image)):
                yield Finding(pods.of, f"container {container.get('name')} runs {image or 'no image'}, {why}")


def _problem(image: str) -> str | None:
    pinned = DIGEST.fullmatch(image)
    if (pinned["name"] if pinned else image).endswith(":latest"):
        return "whose tag is `latest`; write the version, and its digest"
    return None if pinned else "which has no digest; append @sha256:<64 hex>"


RULE = Rule(name="image-digest", title="Every image is named by digest, and none is `latest`.", check=check)
