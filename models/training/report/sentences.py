"""The sentences that the report is about: held out from every training, chosen by seed."""

import gzip
import json
import random
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

SPLITS = ("harvard", "test")
PER_SPLIT = 100


@dataclass(frozen=True)
class Sentence:
    id: int
    split: str
    text: str
    words: list


def read_held_out(path: Path) -> list[Sentence]:
    """The sentences of SPLITS in `texts.jsonl.gz`, in its order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [record for record in map(json.loads, lines) if record["split"] in SPLITS]
    return [Sentence(*(record[name] for name in ("id", "split", "text", "words"))) for record in records]


def choose(
    sentences: list[Sentence], spoken: Collection[int], seed: int, per_split: int = PER_SPLIT
) -> list[Sentence]:
    """`per_split` sentences of each split (or all there are), of those that every teacher spoke, by id."""
    rng = random.Random(seed)
    chosen: list[Sentence] = []
    for split in SPLITS:
        candidates = sorted((s for s in sentences if s.split == split and s.id in spoken), key=lambda s: s.id)
        chosen += rng.sample(candidates, min(per_split, len(candidates)))
    return sorted(chosen, key=lambda s: s.id)
