"""Why a container does not serve, from what it wrote: the seven common issues of NIM."""

from nim_profiles.diagnosis.diagnose import diagnose
from nim_profiles.diagnosis.issue import Diagnosis, Issue
from nim_profiles.diagnosis.quote import quote

__all__ = ["Diagnosis", "Issue", "diagnose", "quote"]
