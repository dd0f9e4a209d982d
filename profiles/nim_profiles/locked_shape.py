"""The model shape behind a locked image: a name of the catalogue of models, or a config.json beside the lock file."""

import json
from pathlib import Path

from nim_profiles.locked_image import LockedImage
from nim_profiles.shape import ModelShape, UnsupportedShape, read_shape
from nim_profiles.shape_catalogue import UnknownModel, known_shape


class NoShape(ValueError):
    """The lock file leads to no complete model shape, so memory cannot be estimated; says why."""


def shape_of(image: LockedImage, lock_folder: Path) -> ModelShape:
    """Raises NoShape."""
    if image.shape is None:
        raise NoShape("the lock file names no model shape")
    try:
        if image.shape.catalogue is not None:
            return known_shape(image.shape.catalogue)
        path = lock_folder / str(image.shape.config)
        return read_shape(json.loads(path.read_text(encoding="utf-8")), str(image.shape.config))
    except (UnknownModel, UnsupportedShape, OSError, ValueError) as error:
        raise NoShape(str(error)) from None
