"""Collects sentences and their pronunciations: `texts.jsonl.gz` of the work folder."""

import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from recipe import Recipe
from texts import front_end, written
from texts.composed import Composer
from texts.phrasebook import RULES
from texts.pronunciation import Pronouncer
from texts.sentences import MAX_CHARACTERS
from texts.symbols import Item
from workspace import Workspace

# Of all sentences; the composed kinds share theirs by the phrasebook's weights.
COMPOSED_SHARE = 0.27
SHARES = {
    "example": 0.22,
    "chat": 0.19,
    "speech": 0.09,
    "novel": 0.06,
    "conversation": 0.07,
    "whaling": 0.04,
    "definition": 0.04,
    "answer": 0.02,
}
MAX_UNKNOWN = 2
# A prompt and its speech must fit the positions that the model is trained on; figures read long.
MAX_SYMBOLS = 240
# Chat is full of misspellings, which look like unknown words.
MAX_UNKNOWN_OF = {"chat": 0, "definition": 0, "answer": 0, "whaling": 1}
HARVARD = Path(__file__).with_name("harvard.txt")
# Letters a second of an ordinary reader.
READING_RATE = 14


@dataclass
class Sentence:
    kind: str
    text: str
    words: front_end.Reading
    split: str = "train"

    @property
    def key(self) -> str:
        return " ".join(letters for letters, _ in self._spoken)

    @property
    def unknown(self) -> int:
        return sum(phones is None for _, phones in self._spoken)

    @property
    def symbols(self) -> int:
        return sum(1 if isinstance(item, str) else len(item[1] or item[0]) for item in self.words)

    @property
    def _spoken(self) -> list[tuple[str, list[str] | None]]:
        return [item for item in self.words if not isinstance(item, str)]


def run(recipe: Recipe, workspace: Workspace) -> None:
    """Raises MissingInput if a source's package or the app's front end cannot be had."""
    texts = recipe.texts
    packages = workspace.root / "packages"
    harvard = _read([("harvard", text) for text in HARVARD.read_text().splitlines()])
    for sentence in harvard:
        sentence.split = "harvard"

    wanted = _wanted(texts.sentences)
    candidates = _candidates(wanted, packages, texts.seed)
    print(f"{len(candidates)} candidates", flush=True)
    chosen = _choose(_read(candidates), wanted, {sentence.key for sentence in harvard}, texts.sentences)
    _hold_out(chosen, texts.validation, texts.test, random.Random(f"{texts.seed} splits"))
    sentences = chosen + harvard

    pronouncer = Pronouncer(packages)
    workspace.write("texts.jsonl.gz", lambda path: _write(path, sentences, pronouncer))
    print(_summary(sentences))


def _wanted(total: int) -> dict[str, int]:
    """Sentences of each kind."""
    weights = sum(weight for weight, _ in RULES.values())
    composed = {kind: COMPOSED_SHARE * weight / weights for kind, (weight, _) in RULES.items()}
    return {kind: round(share * total) for kind, share in {**composed, **SHARES}.items()}


def _candidates(wanted: dict[str, int], packages: Path, seed: int) -> list[tuple[str, str]]:
    """(kind, text) without repeats: more than wanted, since some will be unfit to speak."""
    unwanted = written.unwanted(packages)
    candidates: list[tuple[str, str]] = []
    for kind, sentences in written.sentences(packages).items():
        unique = [text for text in dict.fromkeys(sentences) if text not in unwanted]
        random.Random(f"{seed} {kind}").shuffle(unique)
        candidates += [(kind, text) for text in islice(unique, 2 * wanted[kind] + 20)]
    composer = Composer(seed, written.first_names(packages), written.common_nouns(packages))
    for kind in RULES:
        # The shorter kinds run out of new sentences.
        drawn = dict.fromkeys(composer.compose(kind) for _ in range(3 * wanted[kind] + 20))
        fit = (text for text in drawn if text not in unwanted and len(text) <= MAX_CHARACTERS)
        candidates += [(kind, text) for text in islice(fit, round(1.3 * wanted[kind]) + 10)]
    return candidates


def _read(candidates: list[tuple[str, str]]) -> list[Sentence]:
    """The candidates that the app's front end can read as one sentence."""
    readings = front_end.read(text for _, text in candidates)
    return [
        Sentence(kind, text, words)
        for (kind, text), words in zip(candidates, readings, strict=True)
        if words is not None and words[-1] in (".", "?", "!")
    ]


def _choose(sentences: list[Sentence], wanted: dict[str, int], taken: set[str], total: int) -> list[Sentence]:
    """As many of each kind as wanted, none that says the same words as another or as `taken`; `total` in all."""
    bags = {_bag(key) for key in taken}
    seen = set(taken)
    chosen: list[Sentence] = []
    spare: list[Sentence] = []
    counts: Counter[str] = Counter()
    for sentence in sentences:
        key = sentence.key
        if not key or key in seen or _bag(key) in bags:
            continue
        allowed = MAX_UNKNOWN_OF.get(sentence.kind, MAX_UNKNOWN)
        if sentence.unknown > allowed or sentence.symbols > MAX_SYMBOLS:
            continue
        seen.add(key)
        if counts[sentence.kind] < wanted[sentence.kind]:
            counts[sentence.kind] += 1
            chosen.append(sentence)
        else:
            spare.append(sentence)
    return chosen + spare[: max(0, total - len(chosen))]


def _bag(key: str) -> str:
    return " ".join(sorted(key.split()))


def _hold_out(sentences: list[Sentence], validation: int, test: int, rng: random.Random) -> None:
    """Marks the test's sentences, evenly over the kinds, and the validation's, as they come; shuffles all."""
    rng.shuffle(sentences)
    by_kind: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_kind[sentence.kind].append(sentence)
    kinds = sorted(by_kind)
    for turn in range(test):
        by_kind[kinds[turn % len(kinds)]].pop().split = "test"
    rest = [sentence for sentence in sentences if sentence.split == "train"]
    for sentence in rng.sample(rest, validation):
        sentence.split = "validation"


def _write(path: Path, sentences: Iterable[Sentence], pronouncer: Pronouncer) -> None:
    # No time in the header: equal sentences make equal files.
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for number, sentence in enumerate(sentences):
            words: list[Item] = [
                item if isinstance(item, str) else _word(item[0], item[1], pronouncer)
                for item in sentence.words
            ]
            line = {
                "id": number, "split": sentence.split, "kind": sentence.kind, "text": sentence.text, "words": words
            }  # fmt: skip
            file.write(json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")


def _word(letters: str, phones: list[str] | None, pronouncer: Pronouncer) -> Item:
    return (letters, pronouncer.phones(letters) if phones is None else phones, phones is not None)


def _summary(sentences: list[Sentence]) -> str:
    train = [sentence for sentence in sentences if sentence.split != "harvard"]
    letters = [sum(len(word) for word in sentence.key) for sentence in train]
    words = sum(len(sentence.key.split()) for sentence in train)
    unknown = sum(sentence.unknown for sentence in train)
    kinds = Counter(sentence.kind for sentence in train)
    return "\n".join(
        (
            "splits: " + ", ".join(f"{k} {n}" for k, n in Counter(s.split for s in sentences).most_common()),
            "kinds: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()),
            f"{sum(letters) / len(letters):.1f} letters a sentence, "
            f"about {sum(letters) / READING_RATE / 3600:.1f} hours read once, "
            f"{100 * unknown / words:.2f} % of words unknown",
        )
    )
