"""Who speaks what: takes of one or several sentences, from the recipe's seed alone."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recipe import Speech

# Takes of one sentence alone, so that short inputs are as well covered as long ones.
SINGLE = 0.3
# Held-out sentences take at most this share of the hours.
HELD_OUT_SHARE = 0.1
HELD_OUT_SPLITS = ("validation", "test", "harvard")


@dataclass(frozen=True)
class Sentence:
    id: int
    split: str
    items: list

    @property
    def symbols(self) -> int:
        return sum(1 if isinstance(item, str) else len(item[1]) for item in self.items)

    @property
    def seconds(self) -> float:
        """Roughly how long a teacher speaks it; the recipe's tempo is one on average."""
        phones = sum(0 if isinstance(item, str) else len(item[1]) for item in self.items)
        pauses = sum(item in (",", ";", ":", "-") for item in self.items if isinstance(item, str))
        return 0.35 + 0.082 * phones + 0.15 * pauses


@dataclass(frozen=True)
class Take:
    """One uninterrupted reading: the unit that is spoken, normalised and indexed."""

    seed: int
    voice: int
    sentences: tuple[Sentence, ...]

    @property
    def seconds(self) -> float:
        return sum(sentence.seconds for sentence in self.sentences)


@dataclass(frozen=True)
class Shard:
    number: int
    takes: tuple[Take, ...]


def read_sentences(path: Path) -> list[Sentence]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = map(json.loads, lines)
        return [Sentence(record["id"], record["split"], record["words"]) for record in records]


def plan(sentences: list[Sentence], voices: int, speech: Speech) -> list[Take]:
    """Takes worth speech.hours, most wanted first: held-out sentences, then even rounds of the voices."""
    rng = np.random.default_rng(speech.seed)
    longest = 1.5 * speech.paragraph_symbols
    training = [s for s in sentences if s.split == "train" and s.symbols <= longest]
    wanted = speech.hours * 3600
    takes: list[Take] = []
    seconds = 0.0
    for number, sentence in enumerate(held_out(sentences), 1):
        every = [Take(int(rng.integers(2**31)), voice, (sentence,)) for voice in range(voices)]
        takes += every
        seconds += sum(take.seconds for take in every)
        # The smallest recipe too has one of each split, or its report would have nothing to say.
        if number >= len(HELD_OUT_SPLITS) and seconds > HELD_OUT_SHARE * wanted:
            break
    for take in training_takes(training, voices, speech, rng):
        if seconds >= wanted:
            break
        takes.append(take)
        seconds += take.seconds
    return takes


def held_out(sentences: list[Sentence]) -> Iterator[Sentence]:
    """Held-out sentences, every split in turn."""
    queues = [[s for s in sentences if s.split == split] for split in HELD_OUT_SPLITS]
    for index in range(max(map(len, queues))):
        yield from (queue[index] for queue in queues if index < len(queue))


def training_takes(
    training: list[Sentence], voices: int, speech: Speech, rng: np.random.Generator
) -> Iterator[Take]:
    """Endless takes. A round reads every sentence once, by a voice that read it in none of the last rounds."""
    if not training:
        return
    owner = rng.permutation(len(training)) % voices
    while True:
        queues = []
        for voice in range(voices):
            indices = rng.permutation(np.flatnonzero(owner == voice))
            queues.append(list(paragraphs([training[i] for i in indices], speech, rng)))
        for index in range(max(map(len, queues))):
            for voice, queue in enumerate(queues):
                if index < len(queue):
                    yield Take(int(rng.integers(2**31)), voice, queue[index])
        owner = (owner + 1) % voices


def paragraphs(
    sentences: list[Sentence], speech: Speech, rng: np.random.Generator
) -> Iterator[tuple[Sentence, ...]]:
    """Groups sentences in order: some alone, others up to a random share of paragraph_symbols."""
    waiting: list[Sentence] = []
    room = 0.0
    for sentence in sentences:
        if waiting and sum(s.symbols for s in waiting) + sentence.symbols > room:
            yield tuple(waiting)
            waiting = []
        if not waiting:
            room = 0.0 if rng.random() < SINGLE else speech.paragraph_symbols * rng.uniform(0.4, 1.0)
        waiting.append(sentence)
    if waiting:
        yield tuple(waiting)


def shards(takes: list[Take], seconds: float) -> list[Shard]:
    """Cuts takes into shards of about `seconds` each, numbered from 0."""
    groups: list[list[Take]] = []
    filled = seconds
    for take in takes:
        if filled >= seconds:
            groups.append([])
            filled = 0.0
        groups[-1].append(take)
        filled += take.seconds
    return [Shard(number, tuple(group)) for number, group in enumerate(groups)]
