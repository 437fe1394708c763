"""Documents to train on: a stretch of speech as acoustic tokens, and the prompt that asks for it."""

import gzip
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from layout import START, VOICE_BASE
from recipe import Recipe
from texts.symbols import symbol_ids
from workspace import ADOPTED_TOKENS, MissingInput, Workspace

# Shares of what an utterance becomes; the rest is cut in two anywhere.
SINGLE_SENTENCES = 0.5
WHOLE = 0.35
# Share of documents that several utterances of one voice are joined in, up to the trained length.
JOINED = 0.1
# A spelled word has more letters than phones.
SPELLING_ROOM = 1.1


class Document(NamedTuple):
    # Text symbols, voice, START; int16.
    prompt: np.ndarray
    # Acoustic tokens without END; int16.
    codes: np.ndarray

    @property
    def positions(self) -> int:
        """Positions of a row that it takes: END is predicted but never fed."""
        return len(self.prompt) + len(self.codes)


class Stretch(NamedTuple):
    """Sentences first … last − 1 of an utterance."""

    utterance: int
    first: int
    last: int


def flattened(lists: list) -> tuple[np.ndarray, np.ndarray]:
    """Lists of numbers as one array, and where each starts, int64 [n + 1]."""
    offsets = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(numbers) for numbers in lists], out=offsets[1:])
    return np.fromiter(itertools.chain.from_iterable(lists), np.int32, offsets[-1]), offsets


def gathered(flat: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The runs flat[start : start + length], one behind the other."""
    ends = np.cumsum(lengths)
    return flat[np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)]


class Texts:
    """All sentences as numbers, so that a run of them becomes symbols without a loop over words."""

    def __init__(self, path: Path):
        known: dict[str, int] = {}
        forms: tuple[list, list] = ([], [])
        sentences: list[list[int]] = []
        self.row_of: dict[int, int] = {}
        splits: list[str] = []

        def item_index(item: str | list) -> int:
            key = json.dumps(item)
            index = known.setdefault(key, len(known))
            if index == len(forms[0]):
                forms[0].append(symbol_ids([item]))
                forms[1].append(symbol_ids([item], lambda: True))
            return index

        self.space = item_index(" ")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = json.loads(line)
                self.row_of[text["id"]] = len(sentences)
                splits.append(text["split"])
                sentences.append([item_index(item) for item in text["words"]])
        self.splits = np.array(splits)
        self.items, self.item_offsets = flattened(sentences)
        # Both forms of every item in one array: as the app reads it, then spelled.
        self.symbols, offsets = flattened(forms[0] + forms[1])
        self.symbols = self.symbols.astype(np.int16)
        self.starts = offsets[:-1].reshape(2, -1)
        self.lengths = np.diff(offsets).reshape(2, -1)
        # Symbols of each sentence with no word spelled.
        ends = np.concatenate([[0], np.cumsum(self.lengths[0, self.items])])
        self.symbol_counts = np.diff(ends[self.item_offsets])

    def symbols_of(self, rows: np.ndarray, spelled: float, random: np.random.Generator) -> np.ndarray:
        """Symbols of sentences joined by spaces, int16; each known word spelled with a probability."""
        runs: list[np.ndarray] = []
        for row in rows:
            runs += [[self.space], self.items[self.item_offsets[row] : self.item_offsets[row + 1]]]
        items = np.concatenate(runs[1:])
        form = (random.random(len(items)) < spelled).astype(np.int8)
        return gathered(self.symbols, self.starts[form, items], self.lengths[form, items])


class Corpus:
    """The speech of the `tokens` stage: split "train", all its readings and those of an adopted work folder, or
    "validation", as it was spoken."""

    def __init__(self, recipe: Recipe, workspace: Workspace, split: str, texts: Texts | None = None):
        self.longest = recipe.trained_length
        self.spelled = recipe.target_training.spelled_words if split == "train" else 0.0
        self.texts = texts or Texts(workspace.need("texts.jsonl.gz", "texts"))
        pattern, made = (
            ("tokens-[0-9]*.npz", "tokens-0.npz") if split == "train" else ("tokens-clean.npz",) * 2
        )
        readings = sorted(workspace.root.glob(pattern)) or [workspace.need(made, "tokens")]
        earlier = sorted(workspace.root.glob(ADOPTED_TOKENS)) if split == "train" else []
        readings += earlier
        loaded = [dict(np.load(path)) for path in readings]
        self.codes, self.offsets = _joined(loaded, "codes", "offsets")
        text_ids, self.text_offsets = _joined(loaded, "texts", "text_offsets")
        self.cuts, self.cut_offsets = _joined(loaded, "cuts", "cut_offsets")
        self.voices = np.concatenate([tokens["voices"] for tokens in loaded])
        # Whether an utterance's reading is the first of its speech.
        first = [index == 0 or path in earlier for index, path in enumerate(readings)]
        self.once = np.repeat(first, [len(tokens["voices"]) for tokens in loaded])
        self.rows = np.array([self.texts.row_of[text] for text in text_ids.tolist()])
        ours = self.texts.splits[self.rows] == split
        share = np.add.reduceat(ours, self.text_offsets[:-1]) if len(ours) else np.zeros(0)
        self.utterances = np.flatnonzero(share == np.diff(self.text_offsets))
        if not len(self.utterances):
            raise MissingInput(
                f"No speech of the {split} split is in {workspace.root}/{made}: run the stages texts to tokens."
            )
        self.by_voice = {
            voice: self.utterances[self.voices[self.utterances] == voice]
            for voice in np.unique(self.voices[self.utterances])
        }

    @property
    def frames(self) -> int:
        return self._frames_of(self.utterances)

    @property
    def spoken_frames(self) -> int:
        """Frames of the speech itself, each counted in one of its readings."""
        return self._frames_of(self.utterances[self.once[self.utterances]])

    def _frames_of(self, utterances: np.ndarray) -> int:
        return int((self.offsets[utterances + 1] - self.offsets[utterances]).sum())

    def epoch(self, random: np.random.Generator) -> Iterator[Document]:
        """Every utterance once in random order, cut and joined at random."""
        for utterance in random.permutation(self.utterances):
            joined = random.random() < JOINED
            for stretches in [self._join(utterance, random)] if joined else self._cut(utterance, random):
                yield from self._documents(stretches, random)

    def sentences(self, random: np.random.Generator) -> Iterator[Document]:
        """Each sentence by itself, then each utterance of several as a whole."""
        for utterance in self.utterances:
            count = self._sentences_of(utterance)
            stretches = [Stretch(utterance, i, i + 1) for i in range(count)]
            for stretch in stretches + ([Stretch(utterance, 0, count)] if count > 1 else []):
                yield from self._documents([stretch], random)

    def _documents(self, stretches: list[Stretch], random: np.random.Generator) -> Iterator[Document]:
        """The document of some stretches, if it fits the trained length."""
        document = self.document(stretches, random)
        if len(document.codes) and document.positions <= self.longest:
            yield document

    def document(self, stretches: list[Stretch], random: np.random.Generator) -> Document:
        """Stretches of one voice as one document."""
        rows, codes = [], []
        for utterance, first, last in stretches:
            start = self.text_offsets[utterance]
            rows.append(self.rows[start + first : start + last])
            cuts = self.cut_offsets[utterance]
            begin, end = self.offsets[utterance] + self.cuts[[cuts + first, cuts + last]]
            codes.append(self.codes[begin:end])
        symbols = self.texts.symbols_of(np.concatenate(rows), self.spelled, random)
        voice = VOICE_BASE + int(self.voices[stretches[0].utterance])
        return Document(np.concatenate([symbols, np.array([voice, START], np.int16)]), np.concatenate(codes))

    def _sentences_of(self, utterance: int) -> int:
        return int(self.text_offsets[utterance + 1] - self.text_offsets[utterance])

    def _cut(self, utterance: int, random: np.random.Generator) -> list[list[Stretch]]:
        """One utterance as documents of a stretch each: its sentences, the whole, or two parts."""
        count = self._sentences_of(utterance)
        draw = random.random()
        if draw < SINGLE_SENTENCES or self._positions(utterance) > self.longest:
            cuts = range(count + 1)
        elif draw < SINGLE_SENTENCES + WHOLE or count == 1:
            cuts = (0, count)
        else:
            cuts = (0, int(random.integers(1, count)), count)
        return [[Stretch(utterance, first, last)] for first, last in itertools.pairwise(cuts)]

    def _join(self, utterance: int, random: np.random.Generator) -> list[Stretch]:
        """An utterance, and behind it others of its voice as long as they fit."""
        stretches: list[Stretch] = []
        positions = 0
        while True:
            positions += self._positions(utterance)
            if stretches and positions > self.longest:
                return stretches
            stretches.append(Stretch(utterance, 0, self._sentences_of(utterance)))
            utterance = int(random.choice(self.by_voice[self.voices[utterance]]))

    def _positions(self, utterance: int) -> int:
        """Positions that an utterance takes, a few more with some words spelled."""
        rows = self.rows[self.text_offsets[utterance] : self.text_offsets[utterance + 1]]
        frames = self.offsets[utterance + 1] - self.offsets[utterance]
        return int(frames + SPELLING_ROOM * self.texts.symbol_counts[rows].sum()) + len(rows) + 2


def _joined(loaded: list[dict], values: str, offsets: str) -> tuple[np.ndarray, np.ndarray]:
    """Flat values of several files behind one another, and where each run starts."""
    bases = np.cumsum([0] + [len(tokens[values]) for tokens in loaded])
    starts = [tokens[offsets][:-1] + base for tokens, base in zip(loaded, bases, strict=False)]
    return np.concatenate([tokens[values] for tokens in loaded]), np.concatenate(starts + [bases[-1:]])
