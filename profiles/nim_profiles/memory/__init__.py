"""Will a profile run on a GPU, how sure is that, and which flag makes it run."""

from nim_profiles.memory.estimate import Estimate, estimate
from nim_profiles.memory.explain import explain
from nim_profiles.memory.fit import Fit, fit
from nim_profiles.memory.repair import Repair
from nim_profiles.memory.settings import EngineSettings
from nim_profiles.memory.terms import Term

__all__ = ["EngineSettings", "Estimate", "Fit", "Repair", "Term", "estimate", "explain", "fit"]
