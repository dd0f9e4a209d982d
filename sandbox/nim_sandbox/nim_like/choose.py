"""Which profile a container takes, in NIM's words."""

from collections.abc import Callable

from nim_profiles.compatibility import hardware_gaps, memory_gap
from nim_profiles.gpu import CPU
from nim_profiles.listing import Status
from nim_profiles.listing_text import listing_text, system_info
from nim_profiles.profile import Profile
from nim_profiles.selection import AmbiguousName, BadWish, Incompatible, NoSuchProfile, Rule, find, select
from nim_sandbox.nim_like.container import Container, Ends

NOT_RUNNABLE = (
    "Could not find a profile that is currently runnable with the detected hardware. Please check the system "
    "information below and make sure you have enough free GPUs."
)


def choose(container: Container, log: Callable[[str], None]) -> Profile:
    """Raises Ends.

    What a name does that two profiles have is published nowhere: here it ends like one that none has.
    """
    profiles, wanted = container.manifest.profiles, container.wanted
    try:
        if wanted is not None and wanted.strip().lower() != "default":
            return _named(container, wanted, log)
        chosen = select(profiles, wanted, container.gpu, container.gpu_count).profile
    except (AmbiguousName, BadWish, NoSuchProfile):
        raise Ends(
            f"Model download failed: Environment variable NIM_MODEL_PROFILE is set to {wanted} but no matching "
            "profile_id or profile description is found in manifest."
        ) from None
    except Incompatible:
        raise Ends(_not_runnable(container)) from None
    log("NIM_TAGS_SELECTOR environment variable is not set.")
    log(f"Matched profile_id in manifest from LLMBasedProfileSelector {chosen.id} with tags: {dict(chosen.tags)}")
    log(f"Using the profile selected by the profile selector: {chosen.id}")
    return chosen


def _named(container: Container, wanted: str, log: Callable[[str], None]) -> Profile:
    named, rule = find(container.manifest.profiles, wanted)
    gaps = () if named.gpu == CPU else hardware_gaps(named, container.gpu, container.gpu_count)
    if gaps and not container.allows_unsafe:
        raise Ends(_not_runnable(container))
    how = "profile_id" if rule is Rule.ID else "profile description"
    log(f"Matched {how} in manifest from env NIM_MODEL_PROFILE to: {named.id}")
    log("Using the profile specified by the user")
    return named


def _not_runnable(container: Container) -> str:
    return "\n".join(["Detected 0 compatible profile(s).", NOT_RUNNABLE, *system_info(container.listed_gpus)])


def listing(container: Container) -> str:
    """What `list-model-profiles` prints. Without a GPU every profile is incompatible, and all ids are there."""
    classes: dict[Status, list[Profile]] = {status: [] for status in Status}
    for profile in container.manifest.profiles:
        classes[_status(container, profile)].append(profile)
    return listing_text(container.listed_gpus, classes)


def _status(container: Container, profile: Profile) -> Status:
    if container.gpu is None or hardware_gaps(profile, container.gpu, container.gpu_count):
        return Status.INCOMPATIBLE
    return Status.LOW_MEMORY if memory_gap(profile, container.gpu) else Status.COMPATIBLE
