"""A Piper voice on one CPU core: samples every sentence anew, joins sentences with pauses."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from scipy.signal import resample_poly

from recipe import Speech

from .finish import SAMPLE_RATE, STEP
from .phonemes import sentence as sentence_ipa
from .plan import Take

# Seconds of silence between two sentences of a take.
PAUSE = (0.2, 0.45)
# Below a sentence's loud parts by this many decibels is silence, to be trimmed before joining.
FLOOR_DECIBELS = 40.0


class PiperTeacher:
    def __init__(self, folder: Path, name: str, seed: int):
        """`folder` as fetch.py fills it. One thread: run as many teachers as there are cores.

        onnxruntime seeds a graph's noise when it loads the graph, so a teacher repeats itself only
        if it speaks the same takes in the same order.
        """
        onnxruntime.set_seed(seed)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
        )
        configuration = json.loads((folder / f"{name}.json").read_text("utf-8"))
        self.symbols: dict[str, list[int]] = configuration["phoneme_id_map"]
        self.rate: int = configuration["audio"]["sample_rate"]
        self.inference: dict[str, float] = configuration["inference"]

    def ids(self, ipa: str) -> list[int]:
        """Symbol ids as Piper wants them: a pad behind every symbol, begin and end around all."""
        pad = self.symbols["_"]
        ids = [*self.symbols["^"], *pad]
        for character in ipa:
            ids += [*self.symbols[character], *pad]
        return [*ids, *self.symbols["$"]]

    def speak(self, take: Take, speech: Speech) -> tuple[np.ndarray, list[tuple[int, int]]]:
        """A take's raw sound at SAMPLE_RATE, float32, and the sample ranges of its pauses."""
        rng = np.random.default_rng([take.seed, 0])
        tempo = rng.uniform(*speech.tempo)
        parts: list[np.ndarray] = []
        windows = []
        length = 0
        for position, sentence in enumerate(take.sentences):
            sound = self.sentence(sentence_ipa(sentence.items, "espeak"), tempo, rng)
            if position:
                pause = np.zeros(int(rng.uniform(*PAUSE) * SAMPLE_RATE), dtype=np.float32)
                windows.append((length, length + len(pause)))
                parts.append(pause)
                length += len(pause)
            parts.append(sound)
            length += len(sound)
        return np.concatenate(parts), windows

    def sentence(self, ipa: str, tempo: float, rng: np.random.Generator) -> np.ndarray:
        ids = self.ids(ipa)
        scales = [
            self.inference["noise_scale"] * rng.uniform(0.85, 1.1),
            self.inference["length_scale"] / tempo,
            self.inference["noise_w"] * rng.uniform(0.85, 1.1),
        ]
        sound = self.session.run(
            None,
            {
                "input": np.array([ids], dtype=np.int64),
                "input_lengths": np.array([len(ids)], dtype=np.int64),
                "scales": np.array(scales, dtype=np.float32),
            },
        )[0].reshape(-1)
        return trimmed(resample_poly(sound, SAMPLE_RATE // 150, self.rate // 150).astype(np.float32))


def trimmed(sound: np.ndarray) -> np.ndarray:
    """The sound without the silence at its ends, faded where it was cut."""
    steps = len(sound) // STEP
    level = np.sqrt(np.mean(sound[: steps * STEP].reshape(steps, STEP) ** 2, axis=1))
    heard = np.flatnonzero(level > np.quantile(level, 0.9) * 10 ** (-FLOOR_DECIBELS / 20))
    if not len(heard):
        return sound
    kept = sound[max(0, heard[0] - 2) * STEP : (heard[-1] + 3) * STEP].copy()
    fade = np.linspace(0, 1, STEP, dtype=np.float32)
    kept[:STEP] *= fade
    kept[-STEP:] *= fade[::-1]
    return kept
