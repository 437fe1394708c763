"""The teachers' speech as the `speech` stage leaves it, which may still be writing."""

import gzip
import json
from dataclasses import dataclass

import numpy as np

from workspace import Workspace


@dataclass(frozen=True)
class Recording:
    """One breath of a teacher: `length` samples from `start` of a shard."""

    shard: int
    start: int
    length: int
    voice: int
    texts: tuple[int, ...]
    # Sample offsets, one more than texts: text i lies between cuts i and i + 1.
    cuts: tuple[int, ...]


class Recordings:
    """Follows `speech/index.jsonl` as it grows. Raises MissingInput where it or the texts are absent."""

    def __init__(self, workspace: Workspace):
        self.index = workspace.need("speech/index.jsonl", "speech")
        texts = workspace.need("texts.jsonl.gz", "texts")
        self._read = 0
        with gzip.open(texts, "rt", encoding="utf-8") as lines:
            self._splits = {text["id"]: text["split"] for text in map(json.loads, lines)}

    def new(self) -> list[Recording]:
        """The recordings written since the last call, in the order of the index."""
        with self.index.open("rb") as file:
            file.seek(self._read)
            written = file.read()
        # A line without its end is still being written.
        whole = written[: written.rfind(b"\n") + 1]
        self._read += len(whole)
        return [_recording(**json.loads(line)) for line in whole.splitlines()]

    def split(self, recording: Recording) -> str:
        """`train` if all its texts are for training, else the split of the first that is not."""
        splits = (self._splits[text] for text in recording.texts)
        return next((split for split in splits if split != "train"), "train")

    def shard(self, number: int) -> np.ndarray:
        """A shard's samples, int16, mapped and not read."""
        return np.load(self.index.parent / f"{number:04d}.npy", mmap_mode="r")

    def symbols(self, number: int) -> np.ndarray:
        """What the teacher says in a shard, uint8, one value for every alignment.STEP samples."""
        return np.load(self.index.parent / f"{number:04d}-symbols.npy")


def _recording(texts: list[int], cuts: list[int], **rest: int) -> Recording:
    return Recording(**rest, texts=tuple(texts), cuts=tuple(cuts))
