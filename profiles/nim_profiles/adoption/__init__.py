"""Taking over what is there: from Kubernetes objects of other hands to the words of a stack file."""

from nim_profiles.adoption.adopt import Adoption, adopt
from nim_profiles.adoption.found import Left
from nim_profiles.adoption.objects import BadObjects, Object, read_objects

__all__ = ["Adoption", "BadObjects", "Left", "Object", "adopt", "read_objects"]
