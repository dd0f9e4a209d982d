"""A fit in words: short lines for refusals and previews. Says nothing of endpoints, files or clouds."""

from nim_profiles.memory.estimate import Estimate
from nim_profiles.memory.fit import Fit
from nim_profiles.memory.repair import Repair
from nim_profiles.units import GB, GIB, gib

REPAIRS_SHOWN = 4


def between(low_bytes: int, high_bytes: int) -> str:
    """`14.9-15.1 GiB`, or one figure where both print alike."""
    low, high = f"{low_bytes / GIB:.1f}", f"{high_bytes / GIB:.1f}"
    if low == high:
        return f"{low} GiB"
    return f"{low} to {high} GiB" if low_bytes < 0 else f"{low}-{high} GiB"


def summary(fit: Fit) -> str:
    """One line: verdict, need and what the engine may use, per GPU."""
    head = f"{fit.profile.name} on {fit.gpu.short_name}: {fit.verdict.replace('_', ' ')}"
    found = fit.estimate
    if found is None:
        return head
    need = between(found.used.likely_bytes + found.kv_needed_bytes, found.used.safe_bytes + found.kv_needed_bytes)
    may = between(found.requested.safe_bytes, found.requested.likely_bytes)
    return (
        f"{head}; needs {need} of {may} per GPU for one request of {found.settings.max_model_len:,} tokens (estimate)"
    )


def _parts(found: Estimate) -> str:
    parts = [f"{t.name} {between(t.likely_bytes, t.safe_bytes)}" for t in found.terms if t.safe_bytes]
    return ", ".join([*parts, f"KV cache {gib(found.kv_needed_bytes)}"])


def _widest(found: Estimate) -> str:
    term = max(found.terms, key=lambda t: (t.safe_bytes - t.likely_bytes, t.name))
    return f"least certain: {term.name} ({term.why})"


def repair_line(repair: Repair) -> str:
    frees = f": frees {gib(repair.frees_bytes)} per GPU (estimate)" if repair.flags else ""
    return f"{repair.text}{frees}; cost: {repair.cost}"


def explain(fit: Fit) -> list[str]:
    """The verdict, what it is made of, NVIDIA's own figure, and the repairs, what is felt least first."""
    lines = [summary(fit), *(f"  {fit.gpu.short_name}: {gap}" for gap in fit.gaps)]
    if fit.estimate is not None:
        lines += [f"  {_parts(fit.estimate)}", f"  {_widest(fit.estimate)}"]
        if fit.verdict == "compatible":
            requests = f"{fit.full_length_requests:.1f} requests of that length at once"
            lines.append(f"  longest context {fit.longest_context_tokens:,} tokens; {requests} (estimate)")
    if fit.floor_bytes is not None:
        lines.append(f"  NVIDIA's own figure: at least {fit.floor_bytes / GB:.1f} GB per GPU at this context length")
    if fit.contradiction:
        lines.append(f"  contradiction: {fit.contradiction}")
    return lines + [f"  {repair_line(repair)}" for repair in fit.repairs[:REPAIRS_SHOWN]]
