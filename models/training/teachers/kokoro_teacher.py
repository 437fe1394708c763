"""Kokoro speaks a shard of takes: prosody for all, then sound in batches of equal length."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from recipe import Speech
from voices import VOICES

from . import delivery
from .kokoro_model import FRAME, Kokoro
from .phonemes import sentence as sentence_ipa
from .plan import Take

SENTENCE_END = frozenset(".?!")
# A cut is looked for this far around the pause that the predictor gave, in frames.
MARGIN = 6


@dataclass(frozen=True)
class Spoken:
    """A take as the teacher said it."""

    take: Take
    # float32 [frames × FRAME].
    sound: np.ndarray
    # Sample ranges in which a sentence ends, for all sentences but the last.
    pauses: list[tuple[int, int]]
    # uint8 [frames]: the symbol that each frame says.
    symbols: np.ndarray


class KokoroTeacher:
    def __init__(self, folder: Path, device: torch.device, batch_seconds: float):
        """`folder` as fetch.py fills it; `batch_seconds` of sound are computed at once."""
        self.model = Kokoro(folder / "weights.npz", folder / "packages").prepare(device)
        self.symbols: dict[str, int] = json.loads((folder / "symbols.json").read_text("utf-8"))
        with np.load(folder / "styles.npz") as styles:
            self.styles = {name: styles[name].astype(np.float32) for name in styles.files}
        self.batch_frames = int(batch_seconds * 24_000 / FRAME)

    def read(self, take: Take) -> tuple[list[int], list[tuple[int, int]]]:
        """Symbol ids of a take and, for all sentences but the last, the range of symbols of its pause."""
        accent = "british" if VOICES[take.voice].style.startswith("b") else "american"
        ids, pauses = [0], []
        for position, sentence in enumerate(take.sentences):
            if position:
                pauses.append((len(ids) - 1, len(ids) + 1))
                ids.append(self.symbols[" "])
            ids += [self.symbols[character] for character in sentence_ipa(sentence.items, accent)]
        return [*ids, 0], pauses

    def speak(self, takes: list[Take], speech: Speech) -> Iterator[Spoken]:
        """The takes, the longest first."""
        device = self.model.device
        rngs = [np.random.default_rng([take.seed, 0]) for take in takes]
        readings = [self.read(take) for take in takes]
        styles = torch.from_numpy(
            np.stack(
                [
                    delivery.style(rng, self.styles[VOICES[take.voice].style], len(ids) - 2, speech)
                    for rng, take, (ids, _) in zip(rngs, takes, readings, strict=True)
                ]
            ).astype(np.float32)
        )
        prosody = self.model.prosody([ids for ids, _ in readings], styles)
        styles = styles.to(device)
        timings = [
            delivery.frames(rng, prosody.durations[first:behind], pauses, speech)
            for rng, (first, behind), (_, pauses) in zip(rngs, prosody.rows, readings, strict=True)
        ]
        lengths = np.array([timing.sum() for timing in timings])
        for batch, longest in batches_of_equal_length(lengths, self.batch_frames):
            rows = np.empty((len(batch), longest), dtype=np.int64)
            factors = np.empty((len(batch), 2 * longest), dtype=np.float32)
            ranges = np.empty((len(batch), 1), dtype=np.float32)
            for row, i in enumerate(batch):
                timings[i][-1] += longest - lengths[i]
                rows[row] = np.repeat(np.arange(*prosody.rows[i]), timings[i])
                ranges[row], factors[row] = delivery.melody(rngs[i], 2 * longest, speech)
            style = styles[batch]
            frame_rows = torch.from_numpy(rows).to(device)
            torch.manual_seed(takes[batch[0]].seed)
            pitch, energy = self.model.pitch_and_energy(prosody, frame_rows, style)
            pitch = varied(pitch, torch.from_numpy(ranges).to(device), torch.from_numpy(factors).to(device))
            sound = self.model.sound(prosody, frame_rows, pitch, energy, style).cpu().numpy()
            for row, i in enumerate(batch):
                ends = np.concatenate(([0], np.cumsum(timings[i])))
                windows = [
                    (int(ends[a] - MARGIN) * FRAME, int(ends[b] + MARGIN) * FRAME) for a, b in readings[i][1]
                ]
                said = np.array(readings[i][0], np.uint8)[rows[row] - prosody.rows[i][0]]
                yield Spoken(takes[i], sound[row], windows, said)


def rung(length: int) -> int:
    """The next of the few lengths that batches have: 6 % or 4 frames apart."""
    rung = 24
    while rung < length:
        rung = -(-max(rung + 4, int(rung * 1.06)) // 4) * 4
    return rung


def batches_of_equal_length(lengths: np.ndarray, batch_frames: int) -> Iterator[tuple[np.ndarray, int]]:
    """Indices of texts of about equal length, and the length to bring them to; batch_frames at most.

    Lengths and, as powers of two, sizes are few: cuDNN spends milliseconds on each convolution whose
    shape it has not met before.
    """
    rungs = np.array([rung(int(length)) for length in lengths])
    for frames in np.unique(rungs)[::-1]:
        left = np.flatnonzero(rungs == frames)
        size = 1 << max(0, (batch_frames // int(frames)).bit_length() - 1)
        while len(left):
            while size > len(left):
                size //= 2
            yield left[:size], int(frames)
            left = left[size:]


def varied(pitch: torch.Tensor, ranges: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
    """Pitch [B, T] with its voiced parts' range about their mean raised to `ranges`, times `factors`."""
    voiced = pitch > 40
    logarithm = torch.log(pitch.clamp(min=40))
    mean = (logarithm * voiced).sum(1, keepdim=True) / voiced.sum(1, keepdim=True).clamp(min=1)
    moved = torch.exp(mean + (logarithm - mean) * ranges) * factors
    return torch.where(voiced, moved, pitch)
