"""Two seconds of every voice, as the pack itself speaks them."""

import wave
from pathlib import Path

import numpy as np
import torch

from codec.model import Codec
from layout import START, SYMBOL_ID, VOICE_BASE
from lm.generate import Speaker
from lm.model import SpeechLM
from recipe import Recipe
from texts.front_end import read
from voices import VOICES

PHRASE = "Hello, this is the way I sound."
SECONDS = 2.0
FADE_SECONDS = 0.05
# Takes of each voice, of which the first is kept that stops and is about as long as the phrase.
TRIES = 4
FRAMES = range(70, 180)
LONGEST = 220
LARGEST_SAMPLE = 32767


def write_voice_samples(target: SpeechLM, codec: Codec, recipe: Recipe, folder: Path) -> None:
    """Writes `<voice>.wav`; `target` as the graph computes (`baked`)."""
    symbols = phrase_symbols()
    prompts = [
        np.array([*symbols, VOICE_BASE + voice, START], np.int16)
        for voice in range(len(VOICES))
        for _ in range(TRIES)
    ]
    speaker = Speaker(target, len(prompts), len(prompts[0]) + LONGEST, recipe.top_p, recipe.samples_seed)
    limits = np.full(len(prompts), LONGEST)
    takes = speaker.speak(prompts, limits, np.full(len(prompts), recipe.temperature))
    folder.mkdir(parents=True, exist_ok=True)
    for number, (voice, first) in enumerate(zip(VOICES, range(0, len(takes), TRIES), strict=True)):
        mine = takes[first : first + TRIES]
        take = next((take for take in mine if take.ended and len(take.codes) in FRAMES), mine[0])
        with torch.no_grad():
            codes = torch.from_numpy(take.codes.astype(np.int64))[None]
            sound = codec.decode(codes, torch.tensor([number]))[0].numpy()
        write_wav(folder / f"{voice.name}.wav", trimmed(sound, codec.sample_rate), codec.sample_rate)


def phrase_symbols() -> list[int]:
    """The phrase as the app reads it."""
    (items,) = read([PHRASE])
    symbols: list[str] = []
    for item in items:
        if isinstance(item, str):
            symbols.append(item)
        else:
            letters, phones = item
            symbols.extend(letters if phones is None else phones)
    return [SYMBOL_ID[symbol] for symbol in symbols]


def trimmed(sound: np.ndarray, rate: int) -> np.ndarray:
    """Two seconds at most, faded out."""
    sound = sound[: int(SECONDS * rate)].copy()
    fade = min(len(sound), int(FADE_SECONDS * rate))
    sound[len(sound) - fade :] *= np.linspace(1, 0, fade)
    return sound


def write_wav(path: Path, sound: np.ndarray, rate: int) -> None:
    """Mono, 16 bits; sound within ±1."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(np.clip(sound, -1, 1) * LARGEST_SAMPLE).astype("<i2").tobytes())
