"""Sentences that people wrote: where each source keeps them, and under which kind they go."""

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import yaml

from texts.packages import unpacked
from texts.sentences import Unwanted, ended, kept, kept_chat, plain, split
from texts.sources import (
    AUSTEN,
    CHATTERBOT,
    CHITCHAT,
    MENS_NAMES,
    MOBY_DICK,
    STATE_OF_THE_UNION,
    UNWANTED_WORDS,
    WOMENS_NAMES,
    WORDNET,
)


def unwanted(packages: Path) -> Unwanted:
    words = json.loads((unpacked(UNWANTED_WORDS, packages) / "package/en.json").read_text())
    return Unwanted(word for word in words if word.isascii())


def first_names(packages: Path) -> list[str]:
    """Some nine thousand, many of them rare."""
    names = set()
    for source in (WOMENS_NAMES, MENS_NAMES):
        names.update(json.loads((unpacked(source, packages) / "package/data/names.json").read_text()))
    return sorted(name for name in names if re.fullmatch(r"[A-Z][a-z]{2,9}", name))


def common_nouns(packages: Path) -> list[str]:
    """Nouns that WordNet's own tagged texts use more than once."""
    counts = _tag_counts(unpacked(WORDNET, packages) / "package/dict/index.sense")
    return sorted(
        word for (word, kind), count in counts.items() if kind == "n" and count > 2 and _ordinary(word)
    )


def sentences(packages: Path) -> dict[str, list[str]]:
    """Kind to its sentences, in the order of their source."""
    return {
        "example": list(_examples(packages)),
        "definition": list(_definitions(packages)),
        "chat": list(_chat(packages)),
        "answer": list(_answers(packages)),
        "speech": list(_speeches(packages)),
        "whaling": list(_moby_dick(packages)),
        **_novels(packages),
    }


def _ordinary(word: str) -> bool:
    return re.fullmatch(r"[a-z]{3,14}", word) is not None


def _tag_counts(index: Path) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    kinds = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
    for line in index.read_text().splitlines():
        key, _, _, count = line.split()
        lemma, sense = key.split("%")
        at = (lemma, kinds[sense[0]])
        counts[at] = max(counts.get(at, 0), int(count))
    return counts


def _synsets(packages: Path, kind: str) -> Iterator[tuple[list[str], str]]:
    """Words and gloss of each synset: `w_cnt word lex_id …` in hexadecimal, then `| gloss`."""
    data = unpacked(WORDNET, packages) / "package/dict" / f"data.{kind}"
    for line in data.read_text().splitlines():
        if line.startswith(" "):
            continue
        entry, _, gloss = line.partition(" | ")
        fields = entry.split()
        count = int(fields[3], 16)
        yield [fields[4 + 2 * i].replace("_", " ") for i in range(count)], gloss.strip()


FINITE = re.compile(
    r"\b(?:is|are|was|were|am|has|had|have|will|would|can|could|did|does|do|should|may|might|must|seems?|looks?|"
    r"[a-z]{2,}ed|[a-z]+n't|went|came|saw|took|gave|made|got|said|told|kept|left|ran|felt|found|broke)\b"
)
SUBJECT = re.compile(
    r"(?:he|she|they|we|I|it|you|the|his|her|their|my|our|this|that|these|there|don't|let's)\b"
)


def _examples(packages: Path) -> Iterator[str]:
    for kind in ("noun", "verb", "adj", "adv"):
        for words, gloss in _synsets(packages, kind):
            for example in re.findall(r'"([^"]+)"', gloss):
                text = plain(example)
                asserts = text[:1].isupper() or (SUBJECT.match(text) and FINITE.search(text))
                orders = kind == "verb" and any(text.startswith(word.split()[0] + " ") for word in words)
                if len(text) > 3 and (asserts or orders):
                    sentence = kept(ended(text[0].upper() + text[1:]))
                    if sentence:
                        yield sentence


def _definitions(packages: Path) -> Iterator[str]:
    counts = _tag_counts(unpacked(WORDNET, packages) / "package/dict/index.sense")
    for kind, article in (("noun", r"(?:a|an|the|any|someone|something|the act of)\b"), ("verb", r"[a-z]")):
        for words, gloss in _synsets(packages, kind):
            word, meaning = words[0], plain(gloss.split(";")[0]).removeprefix("to ")
            used = counts.get((word.lower(), kind[0]), 0) > 0
            if (
                not used
                or not re.match(article, meaning)
                or re.search(r"[()\"]|\betc\b", meaning)
                or not _ordinary(word)
            ):
                continue
            if kind == "verb":
                text = f"To {word} is to {meaning}."
            else:
                form = len(meaning) % 3
                capital = word[0].upper() + word[1:]
                text = (
                    f"{capital} means {meaning}.",
                    f"The word {word} means {meaning}.",
                    f"{capital}: {meaning}.",
                )[form]
            sentence = kept(text)
            if sentence:
                yield sentence


def _chat(packages: Path) -> Iterator[str]:
    dataset = json.loads((unpacked(CHITCHAT, packages) / "chitchat_dataset/dataset.json").read_text())
    for conversation in dataset.values():
        for turn in conversation["messages"]:
            for message in turn:
                for utterance in split(plain(message["text"])):
                    sentence = kept_chat(utterance)
                    if sentence:
                        yield sentence


# Answers that lean on the subject of their question: "Is a film about …".
PREDICATE = re.compile(r"(?:Is|Are|Was|Were) (?:a|an|the|like|about|used|one)\b")


def _answers(packages: Path) -> Iterator[str]:
    folder = unpacked(CHATTERBOT, packages) / "chatterbot_corpus/data/english"
    for file in sorted(folder.glob("*.yml")):
        if file.stem in ("coding", "ai", "botprofile", "politics", "psychology"):
            continue
        for conversation in yaml.load(file.read_text(), yaml.CSafeLoader)["conversations"]:
            for line in conversation:
                for utterance in split(plain(str(line))):
                    sentence = kept(ended(utterance[0].upper() + utterance[1:])) if utterance else None
                    if sentence and " " in sentence and not PREDICATE.match(sentence):
                        yield sentence


def _speeches(packages: Path) -> Iterator[str]:
    folder = unpacked(STATE_OF_THE_UNION, packages) / "package/data"
    for file in sorted(folder.glob("[12]*.json")):
        speech = json.loads(file.read_text())
        if int(speech["year"]) >= 1900:
            yield from filter(None, map(kept, split(plain(speech["text"]))))


def _moby_dick(packages: Path) -> Iterator[str]:
    folder = unpacked(MOBY_DICK, packages) / "package/data"
    for file in sorted(folder.glob("chapter_*.json")):
        for paragraph in json.loads(file.read_text())["text"].split("\n\n"):
            yield from filter(None, map(kept, split(plain(paragraph))))


def _novels(packages: Path) -> dict[str, list[str]]:
    """What is said in a paragraph of a novel goes apart from what is told."""
    found: dict[str, list[str]] = {"novel": [], "conversation": []}
    folder = unpacked(AUSTEN, packages) / "usr/lib/R/site-library/janeaustenr/data"
    for lines in _character_vectors((folder / "Rdata.rdb").read_bytes()):
        for paragraph in "\n".join(lines).split("\n\n"):
            text = plain(paragraph)
            said = re.findall(r'"([^"]+)"', text)
            told = re.sub(r'"[^"]+"', "", text) if len(said) == 0 else ""
            found["novel"] += filter(None, map(kept, split(told)))
            for speech in said:
                found["conversation"] += filter(None, (kept(sentence) for sentence in split(speech.strip())))
    return found


def _character_vectors(database: bytes) -> Iterator[list[str]]:
    """The strings of each object of an R lazy-load database: length, then zlib, of XDR records."""
    at = 0
    while at < len(database):
        record = zlib.decompressobj()
        content = record.decompress(database[at + 4 :])
        at = len(database) - len(record.unused_data)
        strings, start = [], 0
        # CHARSXP: flags with the type 9 in their last byte, then length and bytes.
        while (start := content.find(b"\x00\x09", start)) != -1:
            length = int.from_bytes(content[start + 2 : start + 6], "big")
            if length > 10_000:
                start += 2
                continue
            strings.append(content[start + 6 : start + 6 + length].decode())
            start += 6 + length
        yield strings
