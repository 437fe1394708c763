"""Who seems to speak: resemblyzer's voice encoder."""

from functools import cache

import numpy as np
from resemblyzer import VoiceEncoder, preprocess_wav

RATE = 16_000


@cache
def _encoder() -> VoiceEncoder:
    return VoiceEncoder("cpu", verbose=False)


def embed(sound: np.ndarray) -> np.ndarray:
    """Unit vector [256] of a float sound at 16 kHz; zeros where nothing is left of it without silence."""
    if not np.any(sound):
        return np.zeros(256, np.float32)
    speech = preprocess_wav(sound.astype(np.float32))
    if len(speech) < RATE // 10:
        return np.zeros(256, np.float32)
    return _encoder().embed_utterance(speech)


def references(embeddings: np.ndarray) -> np.ndarray:
    """What each take is compared with: the voice's mean over its teacher's *other* sentences.

    embeddings [sentences, voices, 256] of the teachers → the same shape, unit vectors.
    """
    others = embeddings.sum(0, keepdims=True) - embeddings
    return others / np.maximum(np.linalg.norm(others, axis=-1, keepdims=True), 1e-9)
