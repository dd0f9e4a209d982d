"""Listed profiles: one line of what `list-model-profiles` prints, its numbers as printed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from nim_profiles.name import BadProfileName, ProfileName
from nim_profiles.profile import Profile
from nim_profiles.profile_id import is_profile_id

LINE_LIMIT = 8192
"""Characters; no profile takes a line longer than this."""


class Status(StrEnum):
    """The groups of a listing."""

    COMPATIBLE = "compatible"
    LOW_MEMORY = "low_memory"
    INCOMPATIBLE = "incompatible"
    BUILDABLE = "buildable"
    UNKNOWN = "unknown"
    """Listed under no heading that tells."""


class BadListing(ValueError):
    """A text without any sign of a profile listing, or too large to be one."""


@dataclass(frozen=True, slots=True)
class ListedProfile:
    """One line of a listing, its numbers as printed; None for what it does not print."""

    id: str
    """64 hex characters, unless `abbreviated`: then as much of it as is printed."""
    name: str | None
    """None where the line is cut before the name's end."""
    status: Status
    lora: bool
    """From the name; from the group's heading where the name cannot tell (`vllm`, cut ones)."""
    required_gb: float | None = None
    """Per GPU, decimal GB, for the machine that printed it."""
    max_model_len: int | None = None
    """The hint `try --max-model-len=N`, in tokens; changes with free memory from run to run."""
    reduced_gb: float | None = None
    """Per GPU, decimal GB, with that hint followed."""
    abbreviated: bool = False
    remark: str | None = None
    """What else stands behind the name, where it is nothing this reads."""

    def profile(self) -> Profile:
        """With the tags that the name spells. Raises BadListing for an abbreviated id: it names no profile."""
        if self.abbreviated:
            raise BadListing(
                f"the id {self.id} is abbreviated: list the profiles again, or look the id up in the manifest"
            )
        name = None if self.name is None else _name(self.name)
        tags = name.tags() if name else {}
        lora = {"feat_lora": "true"} if self.lora else {}
        return Profile(self.id, self.name or "", tags | lora, tags_complete=False)


BULLET = r"[-*•\s]*"
_ROW = re.compile(
    rf"(?P<bullet>{BULLET})"
    r"(?P<id>[0-9a-f]{64}(?![0-9a-zA-Z])|[0-9a-f]{6,63}(?:\.{2,}|…)[0-9a-f]{0,32}(?=[\s:(-]|$)"
    r"|(?=[a-f]*[0-9])[0-9a-f]{7,63}(?=\s*\())\s*(?P<rest>.*)"
)
LOOKS_LIKE_A_PROFILE = re.compile(
    r"[-*•]\s*(?:[0-9a-fA-F]{16,}\b|[0-9a-fA-F]{6,}(?:\.{2,}|…)|.{0,200}?(?<![:=/@\w])[0-9a-fA-F]{64}\b)"
    r"|[0-9a-fA-F]{64}\s*\("
)
_CUT = re.compile(r"\.{2,}|…|\A\{[^}]*\Z")
_CONTINUED = re.compile(r"\(|\[requires\b|try --max-model-len|to reduce to\b", re.IGNORECASE)
_NOTE = re.compile(
    r"\[requires\s*[>≥]=?\s*(?P<need>\d{1,6}(?:\.\d{1,6})?)\s*GB/gpu"
    r"(?:,\s*try\s+--max-model-len[=\s](?P<length>\d{1,9})(?=[\s,\]])"
    r"(?:\s+to\s+reduce\s+to\s*[>≥]=?\s*(?P<reduced>\d{1,6}(?:\.\d{1,6})?)\s*GB/gpu)?)?(?P<more>.*)",
    re.IGNORECASE | re.ASCII,
)


def joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines that a terminal or an editor broke behind an id or a name, whole again; overlong ones cut."""
    held: str | None = None
    for whole in lines:
        line = whole[:LINE_LIMIT]
        if held is not None and len(held) < LINE_LIMIT and _CONTINUED.match(line) and _ROW.fullmatch(held):
            held = f"{held} {line}"
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def read_row(line: str, status: Status, *, lora: bool) -> ListedProfile | None:
    """None where the line starts with no id, or what follows the id is no name."""
    found = _ROW.fullmatch(line)
    if found is None:
        return None
    described, note = _described(found["rest"])
    bracketed = described.startswith("(")
    inside, closed, remark = described[1:].rpartition(")") if bracketed else (described.lstrip("-: "), "yes", "")
    text = inside.strip()
    if not text and not bracketed and not found["bullet"].strip():
        return None
    whole = text != "" and closed != "" and not _CUT.search(text)
    name = _name(text) if whole else None
    understood = name is not None and name.free_form is None
    # Only brackets or an id in full prove that some other word is a name.
    sure = bracketed and (is_profile_id(found["id"]) or _CUT.search(found["id"]))
    if whole and not understood and not sure:
        return None
    tells = understood and name and (name.tensor_parallel or name.precision or name.tag_list)
    numbers = _NOTE.match(note)
    more = numbers["more"].removeprefix("]") if numbers else note
    return ListedProfile(
        id=found["id"],
        name=text if whole else None,
        status=status,
        lora=bool(name and name.lora) or (lora and not tells),
        required_gb=_number(numbers["need"]) if numbers else None,
        max_model_len=int(numbers["length"]) if numbers and numbers["length"] else None,
        reduced_gb=_number(numbers["reduced"]) if numbers else None,
        abbreviated=not is_profile_id(found["id"]),
        remark=" ".join(f"{'' if whole else text} {remark} {more}".split()) or None,
    )


def _described(rest: str) -> tuple[str, str]:
    """What stands behind the id: the name, and the note in square brackets."""
    if rest.lstrip("-: ").startswith("{"):
        end = rest.rfind("}") + 1
        return (rest[:end].strip(), rest[end:].strip()) if end else (rest.strip(), "")
    described, bracket, note = rest.partition("[")
    return described.strip(), bracket + note


def _name(text: str) -> ProfileName | None:
    try:
        return ProfileName.parse(text)
    except BadProfileName:
        return None


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)
