"""The time by which a stage must be done, where `all` gave it one; the stage's own processes inherit it."""

import os
import time

VARIABLE = "STAGE_UNTIL"


def variable_for(seconds: float) -> dict[str, str]:
    """What to add to the environment of a stage that may take so long from now on."""
    return {VARIABLE: str(time.time() + seconds)}


def seconds_left() -> float:
    """Infinite where no time was set."""
    return float(os.environ.get(VARIABLE, "inf")) - time.time()
