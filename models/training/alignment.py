"""Which of its symbols the teacher says when: one value for every STEP samples of a shard.

The codec learns to keep what tells the symbols apart. Symbol 0 is the teacher's own mark of a text's ends.
"""

import numpy as np

STEP = 240
# Ids of the teacher's symbols are below this.
SYMBOLS = 178


class Track:
    """The symbols of a shard that is being put together."""

    def __init__(self, samples: int):
        self._places = np.arange(STEP // 2, samples, STEP)
        self.symbols = np.zeros(len(self._places), np.uint8)

    def lay(self, start: int, length: int, spoken: np.ndarray, frame: int, begin: int) -> None:
        """Fills in a take that takes `length` samples of the shard from `start`. Its teacher said symbol
        spoken[i] for samples frame × i … frame × (i + 1) - 1 of a sound that the take shows from sample
        `begin` on (before 0 and behind the end: silence)."""
        first, behind = np.searchsorted(self._places, (start, start + length))
        at = (self._places[first:behind] - start + begin) // frame
        self.symbols[first:behind] = np.where(
            (at >= 0) & (at < len(spoken)), spoken[at.clip(0, len(spoken) - 1)], 0
        )
