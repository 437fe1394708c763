"""Turns all speech into acoustic tokens, in passes: `tokens-0.npz`, `tokens-1.npz`… and `tokens-clean.npz`.

Each pass starts the frames elsewhere and hears another gain and noise, so that a text has as many tokenisations
as passes. The clean pass holds what is held out only, as it is.
"""

import math
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch

from codec.measure import entropy_bits
from codec.model import Codec, load_codec
from codec.recordings import Recording, Recordings
from codec.stage import training_device
from processes import in_processes, process_count
from recipe import Recipe
from workspace import MissingInput, Workspace

# Less than in the codec's training: the models shall not learn a gain for a trait of a voice.
GAIN_DECIBELS = (-3.0, 3.0)
NOISE_DECIBELS = (-75.0, -58.0)
# Frames before the first sample, at most.
OFFSET_FRAMES = 4
# Samples on the device at once, and frames encoded at once.
GROUP_SAMPLES = {"cuda": 1_000_000_000, "cpu": 50_000_000}
BATCH_FRAMES = {"cuda": 40_000, "cpu": 2_000}


@dataclass(frozen=True)
class Disturbance:
    """What a pass does to each of n recordings."""

    offsets: np.ndarray
    gains: np.ndarray
    # Standard deviation of the noise; full scale is 1.
    noises: np.ndarray


def run(recipe: Recipe, workspace: Workspace) -> None:
    workspace.need("codec.pt", "codec")
    speech = Recordings(workspace)
    spoken = speech.new()
    if not spoken:
        raise MissingInput("No speech was spoken yet: run `python models/training speech` first.")
    begun = time.monotonic()
    passes = _passes(recipe, speech, spoken)
    codes: dict[str, dict[int, np.ndarray]] = {name: {} for name in passes}
    for made in in_processes(process_count(), encode, recipe, workspace, len(spoken)):
        for name, (members, lengths, joined) in made.items():
            codes[name].update(zip(members.tolist(), np.split(joined, np.cumsum(lengths)[:-1]), strict=True))
    for name, found in codes.items():
        contents = _contents(spoken, found, passes[name][1].offsets, recipe.codec.hop)
        _write(workspace, f"tokens-{name}.npz", contents)
        counts = np.bincount(contents["codes"], minlength=math.prod(recipe.codec.levels))
        print(
            f"tokens: pass {name}: {len(found)} recordings, {len(contents['codes'])} frames,"
            f" {(counts > 0).sum()} codes used, entropy {entropy_bits(counts) if found else 0:.2f} bits",
            flush=True,
        )
    print(f"tokens: {time.monotonic() - begun:.0f} s", flush=True)


def encode(
    rank: int, count: int, recipe: Recipe, workspace: Workspace, recordings: int
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """One process's part of the first `recordings` of the index, by pass: which recordings, their lengths, and
    all their tokens."""
    device = training_device(recipe)
    codec = load_codec(workspace.need("codec.pt", "codec")).to(device)
    speech = Recordings(workspace)
    spoken = speech.new()[:recordings]
    passes = _passes(recipe, speech, spoken)
    lengths = np.array([recording.length for recording in spoken])
    codes: dict[str, dict[int, np.ndarray]] = {name: {} for name in passes}
    for number, members, samples, starts in _groups(speech, spoken, device, rank, count):
        # The noise is the same whatever process makes it.
        torch.manual_seed(recipe.codec.seed + number)
        for name, (wanted, disturbance) in passes.items():
            chosen = members[wanted[members]]
            codes[name].update(_encode(codec, samples, starts, lengths, chosen, disturbance))
    return {
        name: (
            np.array(list(found), np.int64),
            np.array([len(row) for row in found.values()], np.int64),
            np.concatenate([np.zeros(0, np.int16), *found.values()]),
        )
        for name, found in codes.items()
        if found
    }


def _passes(
    recipe: Recipe, speech: Recordings, spoken: list[Recording]
) -> dict[str, tuple[np.ndarray, Disturbance]]:
    """By name, which recordings a pass takes, and what it does to them."""
    passes = {
        str(number): (np.ones(len(spoken), bool), _disturbance(recipe, len(spoken), number))
        for number in range(recipe.codec.passes)
    }
    held_out = np.array([speech.split(recording) != "train" for recording in spoken])
    nothing = Disturbance(*(np.full(len(spoken), value) for value in (0, 1.0, 0.0)))
    return {**passes, "clean": (held_out, nothing)}


def _disturbance(recipe: Recipe, count: int, number: int) -> Disturbance:
    random = np.random.default_rng([recipe.codec.seed, number])
    return Disturbance(
        random.integers(0, OFFSET_FRAMES * recipe.codec.hop, count),
        10 ** (random.uniform(*GAIN_DECIBELS, count) / 20),
        10 ** (random.uniform(*NOISE_DECIBELS, count) / 20),
    )


def _groups(
    speech: Recordings, spoken: list[Recording], device: torch.device, rank: int, count: int
) -> Iterator[tuple[int, np.ndarray, torch.Tensor, np.ndarray]]:
    """Whole shards in groups that fit the device, every count-th: the group's number, the recordings' indices,
    the sound int16, and where each recording of all starts in it (if it is in it). The next group is read while
    one is in use."""
    by_shard: dict[int, list[int]] = {}
    for index, recording in enumerate(spoken):
        by_shard.setdefault(recording.shard, []).append(index)
    groups: list[list[int]] = [[]]
    size = 0
    for shard in by_shard:
        length = len(speech.shard(shard))
        if groups[-1] and size + length > GROUP_SAMPLES[device.type]:
            groups.append([])
            size = 0
        groups[-1].append(shard)
        size += length

    def read(number: int) -> tuple[int, np.ndarray, torch.Tensor, np.ndarray]:
        members, sounds, end = [], [], 0
        starts = np.zeros(len(spoken), np.int64)
        for shard in groups[number]:
            sound = torch.from_numpy(np.array(speech.shard(shard)))
            for index in by_shard[shard]:
                starts[index] = end + spoken[index].start
            members += by_shard[shard]
            sounds.append(sound.to(device))
            end += len(sound)
        return number, np.array(members), torch.cat(sounds), starts

    mine = range(rank, len(groups), count)
    with ThreadPoolExecutor(1) as reader:
        coming = deque(reader.submit(read, number) for number in mine[:1])
        for following in [*mine[1:], None]:
            if not coming:
                return
            group = coming.popleft().result()
            if following is not None:
                coming.append(reader.submit(read, following))
            yield group


@torch.inference_mode()
def _encode(
    codec: Codec,
    samples: torch.Tensor,
    starts: np.ndarray,
    lengths: np.ndarray,
    chosen: np.ndarray,
    disturbance: Disturbance,
) -> dict[int, np.ndarray]:
    """Tokens int16 of the chosen recordings by index, encoded in batches of about equal lengths."""
    device, hop = samples.device, codec.recipe.hop
    frames = (lengths + disturbance.offsets) // hop
    encoded = []
    for batch in _batches(
        chosen[np.argsort(frames[chosen], kind="stable")], frames, BATCH_FRAMES[device.type]
    ):
        start, length, offset = (
            torch.from_numpy(of_all[batch]).to(device)[:, None]
            for of_all in (starts, lengths, disturbance.offsets)
        )
        gain, noise = (
            torch.from_numpy(of_all[batch]).float().to(device)[:, None]
            for of_all in (disturbance.gains, disturbance.noises)
        )
        place = torch.arange(frames[batch].max() * hop, device=device) - offset
        inside = (place >= 0) & (place < length)
        sound = samples[torch.where(inside, start + place, 0)].float() / 32768 * inside * gain
        sound = (sound + torch.randn_like(sound) * noise).clamp(-1, 1)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            encoded.append((batch, codec.encode(sound).to(torch.int16)))
    # Only now does anything wait for the device.
    return {
        index: row[: frames[index]]
        for batch, tokens in encoded
        for index, row in zip(batch.tolist(), tokens.cpu().numpy(), strict=True)
    }


def _batches(ordered: np.ndarray, frames: np.ndarray, most: int) -> Iterator[np.ndarray]:
    """Runs of recordings, ordered by length, that together have at most about `most` frames when padded."""
    first = 0
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or (end + 1 - first) * frames[ordered[end]] > most:
            yield ordered[first:end]
            first = end


def _contents(
    spoken: list[Recording], found: dict[int, np.ndarray], offsets: np.ndarray, hop: int
) -> dict[str, np.ndarray]:
    order = sorted(found)
    cuts = []
    for index in order:
        inner = (np.array(spoken[index].cuts[1:-1], np.int64) + offsets[index] + hop // 2) // hop
        cuts.append([0, *inner.clip(max=len(found[index])).tolist(), len(found[index])])
    texts = [spoken[index].texts for index in order]

    def flat(rows: list, kind: type) -> np.ndarray:
        return np.concatenate([np.asarray(row, kind) for row in rows]) if rows else np.empty(0, kind)

    def ends(rows: list) -> np.ndarray:
        return np.array([0, *accumulate(len(row) for row in rows)], np.int64)

    codes = [found[index] for index in order]
    return {
        "codes": flat(codes, np.int16),
        "offsets": ends(codes),
        "voices": np.array([spoken[index].voice for index in order], np.int8),
        "texts": flat(texts, np.int32),
        "text_offsets": ends(texts),
        "cuts": flat(cuts, np.int32),
        "cut_offsets": ends(cuts),
    }


def _write(workspace: Workspace, name: str, contents: dict[str, np.ndarray]) -> None:
    def write(path: Path) -> None:
        # By a file, for numpy would add its own ending to a name.
        with path.open("wb") as file:
            np.savez(file, **contents)

    workspace.write(name, write)
