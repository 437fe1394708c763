"""What makes two readings of a text differ: style, tempo, timing and melody, seeded by the take."""

import numpy as np

from recipe import Speech

# Frames of 25 ms that a pause between sentences has at least, so that it can be cut; the last sound's
# fading and the next one's breath take up to half of it.
PAUSE = 18
# Symbols that keep their whole time at the start of a sentence: its first word's onset, which Kokoro
# swallows where it is hurried, and at the start of a text the pad before it.
ONSET = 6
# A symbol's random factor stays within so many of its spreads: shorter, and the sound is lost.
LONGEST_STRAY = 1.5


def style(rng: np.random.Generator, table: np.ndarray, symbols: int, speech: Speech) -> np.ndarray:
    """A style vector [256] near the one that the voice's table [510, 256] has for a text this long.

    Rows for other lengths are the same voice in another mood, so what they differ in may vary.
    """
    spread = max(4.0, 0.15 * symbols)
    near = np.clip(np.rint(symbols - 1 + rng.normal(0, spread, size=2)), 0, len(table) - 1).astype(int)
    weight = rng.uniform(0.0, 0.5)
    mixed = (1 - weight) * table[near[0]] + weight * table[near[1]]
    return mixed + speech.style_jitter * table.std(axis=0) * rng.standard_normal(table.shape[1])


def frames(
    rng: np.random.Generator, predicted: np.ndarray, pauses: list[tuple[int, int]], speech: Speech
) -> np.ndarray:
    """Whole frames of every symbol, from the predicted ones.

    Rounds at random, so that the mean is kept, but shortens nothing of a sentence's first ONSET symbols.
    `pauses` are the ranges of symbols that end a sentence inside the text; each is stretched to
    PAUSE frames at least.
    """
    tempo = rng.uniform(*speech.tempo)
    jitter = speech.duration_jitter
    strays = np.clip(rng.standard_normal(len(predicted)), -LONGEST_STRAY, LONGEST_STRAY)
    scale = np.exp(jitter * strays - jitter**2 / 2) / tempo
    whole = np.maximum(1, np.floor(predicted * scale + rng.random(len(predicted)))).astype(int)
    for start in (0, *(behind for _, behind in pauses)):
        onset = slice(start, start + ONSET)
        whole[onset] = np.maximum(whole[onset], np.ceil(predicted[onset]))
    for first, behind in pauses:
        lacking = PAUSE + rng.integers(0, 8) - whole[first:behind].sum()
        if lacking > 0:
            whole[behind - 1] += lacking
    return whole


def melody(rng: np.random.Generator, points: int, speech: Speech) -> tuple[float, np.ndarray]:
    """The exponent of the pitch's range about its mean, and a smooth factor [points] at 80 Hz."""
    jitter = speech.pitch_jitter
    knots = np.arange(0, points + 40, 40)
    contour = np.interp(np.arange(points), knots, rng.normal(0, 0.5 * jitter, size=len(knots)))
    return float(np.exp(rng.normal(0, 2 * jitter))), np.exp(rng.normal(0, 0.6 * jitter) + contour)
