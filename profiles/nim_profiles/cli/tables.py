"""Tables of profiles for people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nim_profiles.profile import Profile
from nim_profiles.units import gib

if TYPE_CHECKING:
    from rich.table import Table

    from nim_profiles.profile_source import ProfileSource

STATUS_STYLES = {
    "compatible": "green",
    "buildable": "cyan",
    "low_memory": "yellow",
    "incompatible": "red",
    "unknown": "dim",
}


def profile_table(profiles: Iterable[Profile], source: "ProfileSource") -> "Table":
    """One row a profile. Empty columns are left out; the id comes last, where a narrow screen folds it."""
    from rich.table import Table  # noqa: PLC0415 - rich is as heavy as all the rest of the program
    from rich.text import Text  # noqa: PLC0415 - as above

    rows = list(profiles)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    sized = any(profile.download_bytes is not None for profile in rows)
    if source.listed:
        table.add_column("status")
    table.add_column("name", overflow="fold")
    table.add_column("GPUs", justify="right")
    table.add_column("GB/GPU", justify="right")
    table.add_column("LoRA")
    if sized:
        table.add_column("download", justify="right")
    table.add_column("id", overflow="fold")
    for profile in rows:
        cells = []
        if source.listed:
            status = str(source.listed[profile.id].status)
            cells.append(Text(status.replace("_", " "), STATUS_STYLES[status]))
        cells += [
            Text(profile.name),
            Text(str(profile.gpu_count) if "tp" in profile.tags else ""),
            Text(memory(profile, source)),
        ]
        cells.append(Text("yes" if profile.lora else ""))
        if sized:
            cells.append(Text("" if profile.download_bytes is None else gib(profile.download_bytes)))
        table.add_row(*cells, Text(profile.id))
    return table


def memory(profile: Profile, source: "ProfileSource") -> str:
    """What a listing asked for on its machine, else the manifest's own floor; empty where neither says."""
    listed = source.listed.get(profile.id)
    need = profile.min_vram_per_device_gb if listed is None or listed.required_gb is None else listed.required_gb
    if need is None:
        return ""
    if listed is not None and listed.max_model_len is not None:
        less = "" if listed.reduced_gb is None else f"{listed.reduced_gb:g} "
        return f"{need:g} ({less}with --max-model-len={listed.max_model_len})"
    return f"{need:g}"


def heading(source: "ProfileSource") -> str:
    what = " ".join(part for part in (source.image or source.model, source.image is None and source.release) if part)
    return f"{what or source.origin} ({source.kind}): {len(source.profiles)} profiles"
