"""The tokens of one condition's takes, as a file: sentence by sentence, each by every voice."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from report.rounds import COUNTERS


@dataclass(frozen=True)
class Takes:
    # Ids of sentences and indices of voices, [takes].
    sentences: np.ndarray
    voices: np.ndarray
    # Acoustic tokens of each take, int16.
    tokens: list[np.ndarray]
    # Whether end-of-speech came before the limit, [takes].
    ended: np.ndarray
    # By name, [takes]; zeros where nothing was decoded.
    counters: dict[str, np.ndarray]
    # Σ |G(k)| over the judged drafts, [takes].
    group_sizes: np.ndarray

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                sentences=self.sentences.astype(np.int32),
                voices=self.voices.astype(np.int8),
                tokens=np.concatenate([np.zeros(0, np.int16), *self.tokens]).astype(np.int16),
                offsets=np.cumsum([0, *map(len, self.tokens)]),
                ended=self.ended,
                group_sizes=self.group_sizes,
                **self.counters,
            )

    @staticmethod
    def load(path: Path) -> "Takes":
        with np.load(path) as stored:
            offsets = stored["offsets"]
            tokens = stored["tokens"]
            return Takes(
                sentences=stored["sentences"],
                voices=stored["voices"],
                tokens=[tokens[a:b] for a, b in zip(offsets[:-1], offsets[1:], strict=True)],
                ended=stored["ended"],
                counters={name: stored[name] for name in COUNTERS},
                group_sizes=stored["group_sizes"],
            )

    @staticmethod
    def of_tokens(sentences: np.ndarray, voices: np.ndarray, tokens: list[np.ndarray]) -> "Takes":
        """Takes that no decoding made."""
        none = np.zeros(len(tokens), np.int64)
        return Takes(
            sentences, voices, tokens, np.ones(len(tokens), bool), dict.fromkeys(COUNTERS, none), none
        )
