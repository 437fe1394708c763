"""What counts as a failed take, each defined by a number.

unstopped   no end-of-speech within 3 times the teacher's length and 2 s more
short       under half as long as the teacher's reading, or under 0.3 s
silent      silence of more than 1 s: 10 ms steps more than 40 dB below the take's loud parts
repeating   for more than 1 s every 20 ms frame's spectrum, less the take's mean, is on average as
            good as the frame one same lag of 0.1 to 3 s earlier (mean cosine of 0.9 and more); or
            the recogniser wrote three words or more twice in a row, which the text does not have
"""

from collections.abc import Sequence

import numpy as np

from codec.mel import mel_filters

RATE = 16_000
SHORT_SHARE = 0.5
SHORT_SECONDS = 0.3
LONG_SILENCE = 1.0
SILENCE_DECIBELS = 40.0
STEP = 160

FRAME = 320
BANDS = 40
REPEATED_SECONDS = 1.0
LAGS = (0.1, 3.0)
ALIKE = 0.9
REPEATED_WORDS = 3

KINDS = ("unstopped", "short", "silent", "repeating")
_FILTERS = mel_filters(2 * FRAME, BANDS, RATE).numpy().T


def failures(
    measured: dict, ended: bool, teacher_seconds: float, heard: Sequence[str], said: Sequence[str]
) -> list[str]:
    """The KINDS that apply. `measured` holds `measure`'s numbers; `heard` and `said` are normalised words."""
    repeated = repeated_words(heard)
    found = {
        "unstopped": not ended,
        "short": measured["seconds"] < max(SHORT_SECONDS, SHORT_SHARE * teacher_seconds),
        "silent": measured["silence"] > LONG_SILENCE,
        "repeating": measured["echo"] > REPEATED_SECONDS
        or (repeated >= REPEATED_WORDS and repeated > repeated_words(said)),
    }
    return [kind for kind in KINDS if found[kind]]


def measure(sound: np.ndarray) -> dict[str, float]:
    """Seconds of a float sound at 16 kHz, of its longest silence and of its longest echo."""
    return {
        "seconds": len(sound) / RATE,
        "silence": longest_silence(sound),
        "echo": longest_echo(sound),
    }


def longest_silence(sound: np.ndarray) -> float:
    """Seconds of the longest silence, the take's ends included."""
    steps = len(sound) // STEP
    if steps == 0:
        return 0.0
    level = np.sqrt(np.mean(sound[: steps * STEP].reshape(steps, STEP) ** 2, axis=1))
    quiet = level <= np.quantile(level, 0.95) * 10 ** (-SILENCE_DECIBELS / 20)
    return longest_run(quiet) * STEP / RATE


def longest_echo(sound: np.ndarray) -> float:
    """Seconds of the longest stretch that resembles the stretch one same lag before it, frame by frame."""
    frames = spectra(sound)
    window = round(REPEATED_SECONDS * RATE / FRAME)
    longest = 0
    for lag in range(round(LAGS[0] * RATE / FRAME), round(LAGS[1] * RATE / FRAME) + 1):
        alike = (frames[lag:] * frames[:-lag]).sum(1)
        if len(alike) < window:
            break
        means = np.convolve(alike, np.full(window, 1 / window), "valid")
        run = longest_run(means >= ALIKE)
        if run:
            longest = max(longest, run + window - 1)
    return longest * FRAME / RATE


def spectra(sound: np.ndarray) -> np.ndarray:
    """Log-mel frames less the take's mean, as unit vectors [frames, BANDS]; silent frames are zeros."""
    window = 2 * FRAME
    count = (len(sound) - window) // FRAME + 1
    if count < 1:
        return np.zeros((0, BANDS))
    starts = np.arange(count)[:, None] * FRAME + np.arange(window)
    power = np.abs(np.fft.rfft(sound[starts] * np.hanning(window), axis=1)) ** 2
    energies = power @ _FILTERS
    loud = energies.sum(1)
    logarithms = np.log(energies + 1e-10)
    audible = loud > np.quantile(loud, 0.95) * 10 ** (-SILENCE_DECIBELS / 10)
    if not audible.any():
        return np.zeros((count, BANDS))
    centred = logarithms - logarithms[audible].mean(0)
    centred[~audible] = 0
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)


def longest_run(flags: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def repeated_words(words: Sequence[str]) -> int:
    """Length of the longest run of words that is followed at once by itself."""
    for length in range(len(words) // 2, 0, -1):
        for at in range(len(words) - 2 * length + 1):
            if words[at : at + length] == words[at + length : at + 2 * length]:
                return length
    return 0
