"""Random slices of the training speech, drawn on the device that holds it all."""

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F

from alignment import STEP
from codec.recordings import Recording, Recordings


class SlicePool:
    """All shards so far as one int16 tensor (2 bytes a sample: 110 hours take 19 GB), with what is said in
    it and where the recordings for training lie. Those held out are kept apart, in `held_out`."""

    def __init__(self, recordings: Recordings, sample_rate: int, device: torch.device):
        self.recordings, self.sample_rate, self.device = recordings, sample_rate, device
        self.held_out: list[Recording] = []
        self._samples = torch.empty(0, dtype=torch.int16, device=device)
        self._symbols = torch.empty(0, dtype=torch.uint8, device=device)
        self._offsets: dict[int, int] = {}
        self._starts: list[int] = []
        self._speakers: list[int] = []
        self._lengths: list[int] = []
        self._total = 0
        self._reader = ThreadPoolExecutor(1)
        self._reading: Future | None = None

    @property
    def hours(self) -> float:
        return self._total / self.sample_rate / 3600

    def grow(self) -> None:
        """Adds what was written since the last call, reading it now."""
        if self._reading is not None:
            self._add(*self._reading.result())
            self._reading = None
        self._add(*self._read())

    def grow_meanwhile(self) -> None:
        """Like grow, but reads in the background: what is read comes in at a later call."""
        if self._reading is None:
            self._reading = self._reader.submit(self._read)
        elif self._reading.done():
            self._add(*self._reading.result())
            self._reading = None

    @property
    def reading(self) -> bool:
        return self._reading is not None

    def draw(
        self, batch: int, length: int, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Sound [batch, length] within ±1, the symbols said in it, [batch, length // STEP], each in the
        middle of its step, and the voices, int64 [batch]. Every moment of the speech is equally likely; a recording shorter than the slice
        is followed by its neighbour."""
        moment = torch.randint(self._total, (batch,), generator=generator, device=self.device)
        chosen = torch.searchsorted(self._ends, moment, right=True)
        within = moment - (self._ends - self._spans)[chosen]
        latest = (self._spans[chosen] - length).clamp(min=0)
        first = self._firsts[chosen] + torch.minimum(within, latest)
        first = first.clamp(max=len(self._samples) - length)
        index = first[:, None] + torch.arange(length, device=self.device)
        steps = index[:, STEP // 2 : length // STEP * STEP : STEP] // STEP
        return self._samples[index].float() / 32768, self._symbols[steps], self._voices[chosen]

    def _read(self) -> tuple[list[Recording], dict[int, tuple[torch.Tensor, torch.Tensor]]]:
        new = self.recordings.new()
        numbers = dict.fromkeys(recording.shard for recording in new if recording.shard not in self._offsets)
        shards = {
            number: tuple(
                torch.from_numpy(array).to(self.device)
                for array in (np.array(self.recordings.shard(number)), self.recordings.symbols(number))
            )
            for number in numbers
        }
        return new, shards

    def _add(self, new: list[Recording], shards: dict[int, tuple[torch.Tensor, torch.Tensor]]) -> None:
        end = len(self._samples)
        samples, symbols = [self._samples], [self._symbols]
        for number, (sound, said) in shards.items():
            self._offsets[number] = end
            steps = -(-len(sound) // STEP)
            samples.append(F.pad(sound, (0, steps * STEP - len(sound))))
            symbols.append(F.pad(said, (0, steps - len(said))))
            end += steps * STEP
        if shards:
            self._samples, self._symbols = torch.cat(samples), torch.cat(symbols)
        for recording in new:
            if self.recordings.split(recording) == "train":
                self._starts.append(self._offsets[recording.shard] + recording.start)
                self._lengths.append(recording.length)
                self._speakers.append(recording.voice)
            else:
                self.held_out.append(recording)
        if new:
            self._firsts = torch.tensor(self._starts, device=self.device)
            self._spans = torch.tensor(self._lengths, device=self.device)
            self._voices = torch.tensor(self._speakers, device=self.device)
            self._ends = self._spans.cumsum(0)
            # Kept beside, for reading it from the device would wait for all that is queued there.
            self._total = sum(self._lengths)
