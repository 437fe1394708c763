"""A work folder of the stages before the target's, small and made up: each symbol sounds as one of few tokens."""

import gzip
import json
from pathlib import Path

import numpy as np

from layout import CODEBOOK
from texts.symbols import symbol_ids
from voices import VOICES

WORDS = {
    "cat": ["K", "AE1", "T"],
    "dog": ["D", "AO1", "G"],
    "sees": ["S", "IY1", "Z"],
    "the": ["DH", "AH0"],
    "zyx": ["Z", "IH1", "K", "S"],
}
UNKNOWN = {"zyx"}
SENTENCES_AN_UTTERANCE = 3


def write_speech(root: Path, sentences: int = 60, held_out: int = 12, seed: int = 0) -> None:
    """`texts.jsonl.gz`, `tokens-0.npz` of the training split, `tokens-clean.npz` of the validation split."""
    random = np.random.default_rng(seed)
    texts = []
    for number in range(sentences + held_out):
        words: list = []
        for word in random.choice(list(WORDS), int(random.integers(3, 7))):
            words += [[str(word), WORDS[word], word not in UNKNOWN], " "]
        words[-1] = "."
        # Numbers that are no rows: nothing may take the one for the other.
        texts.append(
            {
                "id": 7 * number + 3,
                "split": "train" if number < sentences else "validation",
                "kind": "made up",
                "text": "",
                "words": words,
            }
        )
    root.mkdir(parents=True, exist_ok=True)
    with gzip.open(root / "texts.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)
    table = random.integers(0, CODEBOOK, (4300, 2))
    for name, split in (("0", "train"), ("clean", "validation")):
        chosen = [text for text in texts if text["split"] == split]
        np.savez(root / f"tokens-{name}.npz", **_spoken(chosen, table, random))


def _spoken(texts: list[dict], table: np.ndarray, random: np.random.Generator) -> dict[str, np.ndarray]:
    codes: list[int] = []
    cuts, ids, offsets, text_offsets, cut_offsets, voices = [], [], [0], [0], [0], []
    for first in range(0, len(texts), SENTENCES_AN_UTTERANCE):
        utterance = texts[first : first + SENTENCES_AN_UTTERANCE]
        start = len(codes)
        cuts.append(0)
        for text in utterance:
            for symbol in symbol_ids(text["words"]):
                codes += [int(code) for code in random.choice(table[symbol], 2)]
            cuts.append(len(codes) - start)
        ids += [text["id"] for text in utterance]
        offsets.append(len(codes))
        text_offsets.append(len(ids))
        cut_offsets.append(len(cuts))
        voices.append(first // SENTENCES_AN_UTTERANCE % len(VOICES))
    return {
        "codes": np.array(codes, np.int16),
        "offsets": np.array(offsets, np.int64),
        "voices": np.array(voices, np.int8),
        "texts": np.array(ids, np.int32),
        "text_offsets": np.array(text_offsets, np.int64),
        "cuts": np.array(cuts, np.int32),
        "cut_offsets": np.array(cut_offsets, np.int64),
    }
