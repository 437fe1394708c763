"""The teachers' own readings of single sentences, from the `speech` stage's shards."""

import numpy as np

from codec.recordings import Recording, Recordings
from voices import VOICES
from workspace import MissingInput, Workspace


class Readings:
    """Raises MissingInput where no speech was spoken yet."""

    def __init__(self, workspace: Workspace):
        self._recordings = Recordings(workspace)
        # By (sentence id, voice), the first that each voice spoke alone.
        self._alone: dict[tuple[int, int], Recording] = {}
        for recording in self._recordings.new():
            if len(recording.texts) == 1:
                self._alone.setdefault((recording.texts[0], recording.voice), recording)

    def by_all_voices(self) -> set[int]:
        """Ids of the sentences that every voice's teacher read."""
        voices = range(len(VOICES))
        sentences = {sentence for sentence, _ in self._alone}
        return {s for s in sentences if all((s, voice) in self._alone for voice in voices)}

    def sound(self, sentence: int, voice: int) -> np.ndarray:
        """int16 mono at the recipe's rate. Raises MissingInput where the shard is gone."""
        recording = self._alone[sentence, voice]
        try:
            shard = self._recordings.shard(recording.shard)
        except FileNotFoundError as gone:
            raise MissingInput(
                f"{gone.filename} is missing: run `python models/training speech` first."
            ) from gone
        return np.array(shard[recording.start : recording.start + recording.length])
