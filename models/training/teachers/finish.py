"""From a teacher's raw sound to a take: trimmed, cut between its sentences, levelled, 16 bits."""

from dataclasses import dataclass

import numpy as np

SAMPLE_RATE = 24_000
# Samples over which loudness is read: 5 ms.
STEP = 120
# Below the take's loud parts by this many decibels is silence.
FLOOR_DECIBELS = 30.0
LEVEL = 10 ** (-23 / 20)
PEAK = 10 ** (-1 / 20)
# Seconds of silence: before the first and behind the last sound; each side of a cut.
LEAD = (0.06, 0.12)
TAIL = (0.12, 0.20)
CUT_SIDE = 0.06
# Longer silence inside a take is a fault of the teacher.
LONGEST_PAUSE = 1.6


class FailedTake(Exception):
    """The teacher's sound is not fit to learn from; the message says why in a word or two."""


@dataclass(frozen=True)
class Finished:
    sound: np.ndarray
    cuts: list[int]
    # The raw sound's sample that the finished sound begins at; below 0 where silence was put before it.
    begin: int


def silent_runs(quiet: np.ndarray) -> list[tuple[int, int]]:
    """Ranges (first, behind) of steps that are quiet."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def finish(
    sound: np.ndarray,
    windows: list[tuple[int, int]],
    expected_seconds: float,
    rng: np.random.Generator,
) -> Finished:
    """Finishes raw sound [samples] float. `windows` are sample ranges in which a sentence ends.

    Raises FailedTake where the sound is broken, is much longer or shorter than expected, or a
    window holds no pause.
    """
    steps = len(sound) // STEP
    sound = sound[: steps * STEP]
    if not steps or not np.isfinite(sound).all():
        raise FailedTake("no sound")
    level = np.sqrt(np.mean(sound.reshape(steps, STEP) ** 2, axis=1) + 1e-12)
    loud = np.quantile(level, 0.9)
    if loud < 1e-3:
        raise FailedTake("silence")
    if np.mean(np.abs(sound) > 1.2) > 1e-3:
        raise FailedTake("clipping")
    quiet = level < loud * 10 ** (-FLOOR_DECIBELS / 20)
    heard = np.flatnonzero(~quiet)
    first, behind = int(heard[0]), int(heard[-1]) + 1
    seconds = (behind - first) * STEP / SAMPLE_RATE
    if not 0.5 < seconds / expected_seconds < 2.0:
        raise FailedTake("length")
    runs = [(a, b) for a, b in silent_runs(quiet) if a > first and b < behind]
    if any((b - a) * STEP > LONGEST_PAUSE * SAMPLE_RATE for a, b in runs):
        raise FailedTake("pause")

    cuts = []
    side = CUT_SIDE * SAMPLE_RATE / STEP
    for start, end in windows:
        inside = [(a, b) for a, b in runs if a * STEP < end and b * STEP > start]
        a, b = max(inside, key=lambda run: run[1] - run[0], default=(0, 0))
        if b - a < 2 * side:
            raise FailedTake("no cut")
        cuts.append((a + b) // 2 * STEP)

    lead, tail = (int(rng.uniform(*bounds) * SAMPLE_RATE) for bounds in (LEAD, TAIL))
    begin, end = first * STEP - lead, behind * STEP + tail
    padded = np.pad(sound[max(0, begin) : end], (max(0, -begin), max(0, end - len(sound))))
    fade = np.linspace(0, 1, STEP, dtype=np.float32)
    padded[:STEP] *= fade
    padded[-STEP:] *= fade[::-1]

    spoken = np.sqrt(np.mean(level[~quiet] ** 2))
    gain = min(LEVEL / spoken, PEAK / float(np.abs(padded).max()))
    samples = np.rint(padded * (gain * 32767)).astype(np.int16)
    bounds = [0, *(cut - begin for cut in cuts), len(samples)]
    if np.any(np.diff(bounds) <= 0):
        raise FailedTake("no cut")
    return Finished(samples, bounds, begin)
