"""The work folder: where stages leave what later stages need.

Large and regenerable, so never in git. A stage writes beside its result and renames, so that a
killed stage leaves the last whole file and no half one.
"""

import os
from collections.abc import Callable
from pathlib import Path

DEFAULT_PACK = Path(__file__).resolve().parents[1] / "default"
# Models of a pack that another training begins with, where there are any.
ADOPTED_CODEC, ADOPTED_TARGET = "adopted/codec.pt", "adopted/target.pt"
# Speech that they learned from, as tokens: what is learned next shall not be all there is.
ADOPTED_TOKENS = "adopted/tokens-*.npz"
# How they were taught.
ADOPTED_CURVES = "adopted/losses-*.svg"
# Hours of speech that they learned from and whose tokens are not kept.
ADOPTED_HOURS = "adopted/hours.json"


class MissingInput(Exception):
    """A stage lacks what an earlier one makes; the message says which to run."""


class Refused(Exception):
    """A stage will not do what it was asked to; the message says why."""


class Workspace:
    def __init__(self, root: Path):
        # Stages run programs elsewhere.
        self.root = root.absolute()

    def path(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def need(self, name: str, made_by: str) -> Path:
        """The path of an earlier stage's result. Raises MissingInput if it is not there."""
        path = self.root / name
        if not path.exists():
            raise MissingInput(f"{path} is missing: run `python models/training {made_by}` first.")
        return path

    def write(self, name: str, write: Callable[[Path], None]) -> Path:
        """Writes a result whole or not at all."""
        path = self.path(name)
        partial = path.with_name(path.name + ".partial")
        write(partial)
        os.replace(partial, path)
        return path
