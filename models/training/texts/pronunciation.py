"""Phones of words that no dictionary has, by the g2p-en model: a GRU that reads letters, one that writes phones."""

from functools import cache
from pathlib import Path

import numpy as np

from layout import PHONES
from texts.packages import unpacked
from texts.sources import PRONUNCIATION

# Rows of the checkpoint's embeddings.
LETTER_ROWS = {letter: row for row, letter in enumerate("abcdefghijklmnopqrstuvwxyz", start=3)}
END_OF_WORD = 2
PHONE_ROWS = ("<pad>", "<unk>", "<s>", "</s>", *sorted({*PHONES, "UW"}))
START, END = 2, 3
MAX_PHONES = 20
SIBILANTS = ("S", "Z", "SH", "ZH", "CH", "JH")
VOICELESS = ("P", "T", "K", "F", "TH")


class Pronouncer:
    def __init__(self, packages: Path):
        self._weights = dict(np.load(unpacked(PRONUNCIATION, packages) / "ttstokenizer/checkpoint20.npz"))
        self._read = cache(self._decode)

    def phones(self, letters: str) -> list[str]:
        """ARPAbet with stress of a spelling in a–z and '; a possessive is read from its noun."""
        noun = letters.removesuffix("'s")
        phones = self._read(noun)
        if noun == letters:
            return phones
        if phones[-1] in SIBILANTS:
            return [*phones, "IH0", "Z"]
        return [*phones, "S" if phones[-1] in VOICELESS else "Z"]

    def _decode(self, letters: str) -> list[str]:
        rows = [LETTER_ROWS[letter] for letter in letters if letter != "'"] + [END_OF_WORD]
        state = np.zeros(self._weights["enc_w_hh"].shape[1], np.float32)
        for row in rows:
            state = self._step("enc", row, state)
        phones: list[str] = []
        row = START
        while len(phones) < MAX_PHONES:
            state = self._step("dec", row, state)
            row = int(np.argmax(self._weights["fc_w"] @ state + self._weights["fc_b"]))
            if row == END:
                break
            if row > END:
                phones.append({"UW": "UW1"}.get(PHONE_ROWS[row], PHONE_ROWS[row]))
        return phones

    def _step(self, half: str, row: int, state: np.ndarray) -> np.ndarray:
        """One step of a gated recurrent unit: gates r and z, then the candidate n, as PyTorch orders them."""
        weights = self._weights
        given = weights[f"{half}_w_ih"] @ weights[f"{half}_emb"][row] + weights[f"{half}_b_ih"]
        kept = weights[f"{half}_w_hh"] @ state + weights[f"{half}_b_hh"]
        given_r, given_z, given_n = np.split(given, 3)
        kept_r, kept_z, kept_n = np.split(kept, 3)
        reset = 1 / (1 + np.exp(-(given_r + kept_r)))
        update = 1 / (1 + np.exp(-(given_z + kept_z)))
        return (1 - update) * np.tanh(given_n + reset * kept_n) + update * state
