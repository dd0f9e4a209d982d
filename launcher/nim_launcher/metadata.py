"""What is served, in the words of NIM's `GET /v1/metadata`, so that one check proves both engines."""

from nim_profiles.profile import Profile

VARIABLE = "NIM_LAUNCHER_METADATA"
"""Environment variable in which the answer travels from the launcher to `metadata_middleware` inside vLLM."""
MIDDLEWARE = "nim_launcher.metadata_middleware.Metadata"


def metadata(profile: Profile, model: str | None, release: str | None, vllm_version: str | None) -> dict[str, object]:
    """`profile_id` as in 2.x images, `selectedModelProfileId` as in 1.x ones. No secrets, no clock."""
    return {
        "profile_id": profile.id,
        "profile_name": profile.name,
        "selectedModelProfileId": profile.id,
        "modelInfo": [{"shortName": model or "", "modelUrl": ""}],
        "version": release or "",
        "engine": {"name": "vllm", "version": vllm_version or ""},
    }
