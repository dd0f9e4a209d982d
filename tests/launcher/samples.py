"""Profiles and machines for the launcher's tests."""

from nim_launcher.gpus import Machine, read_machine
from nim_profiles.name import ProfileName
from nim_profiles.profile import Profile
from nim_profiles.profile_id import profile_id
from tests.launcher.fake_nvml import Device, library


def profile(**tags: str) -> Profile:
    """A vLLM profile with these tags on top of the plainest."""
    full = {"llm_engine": "vllm", "precision": "bf16", "tp": "1", "pp": "1", "feat_lora": "false", **tags}
    return Profile(profile_id(full), str(ProfileName.from_tags(full)), full)


def machine(*devices: Device, **more: object) -> Machine:
    return read_machine(library(*devices, **more), {})
