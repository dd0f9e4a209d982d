"""Several sources of settings become one command line: the later source wins, JSON objects are merged."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nim_profiles.vllm_args.redaction import redacted
from nim_profiles.vllm_args.spelling import Setting, deep_merge


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says."""

    origin: str
    """As the table names it: `profile`, `NIM_MAX_MODEL_LEN`, `argument`."""
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One option as vLLM gets it."""

    setting: Setting
    origin: str
    """The source that won; of a merged JSON object all that had a say, `+` between them."""
    overruled: tuple[str, ...] = ()
    """`<value> (<origin>)` of what lost, secrets left out."""

    @property
    def flag(self) -> str:
        return f"--no-{self.setting.name[2:]}" if self.setting.off else self.setting.name

    @property
    def value(self) -> str:
        """For people: secrets left out."""
        return redacted(self.setting.name, self.setting.values) if self.setting.values else _truth(self.setting)


def merge(layers: Sequence[Layer]) -> tuple[Row, ...]:
    """Lowest layer first. Within a layer the last wins, and parts of a JSON object win over the whole, as in vLLM."""
    rows: dict[str, list[Row]] = {}
    for layer in layers:
        for setting in sorted(layer.settings, key=lambda setting: setting.part):
            row = Row(setting, layer.origin)
            before = rows.setdefault(setting.name, [])
            if setting.repeats:
                before.append(row)
            else:
                rows[setting.name] = [_over(before[-1], row) if before else row]
    return tuple(row for found in rows.values() for row in found)


def _over(low: Row, high: Row) -> Row:
    one, other = _object(low.setting), _object(high.setting)
    if one is not None and other is not None and (high.setting.part or low.origin != high.origin):
        origins = dict.fromkeys([*low.origin.split(" + "), high.origin])
        setting = replace(low.setting, values=(json.dumps(deep_merge(one, other)),))
        return Row(setting, " + ".join(origins), low.overruled)
    if (low.setting.values, low.setting.off) == (high.setting.values, high.setting.off):
        return replace(high, overruled=low.overruled)
    return replace(high, overruled=(*low.overruled, f"{low.value} ({low.origin})"))


def _object(setting: Setting) -> Mapping[str, Any] | None:  # Any: JSON
    if len(setting.values) != 1 or not setting.values[0].lstrip().startswith("{"):
        return None
    try:
        found = json.loads(setting.values[0])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _truth(setting: Setting) -> str:
    return "off" if setting.off else "on"


def command_line(rows: Sequence[Row]) -> list[str]:
    """Words for vLLM, options only; values are glued to their flag where they would look like one."""
    words: list[str] = []
    for row in rows:
        values = row.setting.values
        if len(values) == 1 and (values[0].startswith("-") or not values[0]):
            words.append(f"{row.flag}={values[0]}")
        else:
            words += [row.flag, *values]
    return words


def table(rows: Sequence[Row]) -> str:
    """Setting, value, origin and what it overrules; secrets left out."""
    cells = [("setting", "value", "origin")]
    for row in rows:
        over = f", over {', '.join(row.overruled)}" if row.overruled else ""
        cells.append((row.setting.name, row.value, row.origin + over))
    widths = [max(len(line[column]) for line in cells) for column in (0, 1)]
    return "\n".join(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in cells)
