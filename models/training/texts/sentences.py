"""Cuts prose into sentences and keeps those that are fit to be spoken."""

import re
from collections.abc import Iterable, Iterator

MAX_CHARACTERS = 220
ABBREVIATIONS = frozenset(
    "mr mrs ms dr st messrs capt col gen lieut lt maj rev hon prof sen rep gov sgt no vol ch fig vs etc "
    "jr sr inc co corp ltd mt ft e.g i.e p.s".split()
)
BOUNDARY = re.compile(r"[.?!]+[\"')]*\s+(?=[\"'(]*[A-Z0-9])")
LAST_WORD = re.compile(r"([A-Za-z.]+)$")
SPEAKABLE = re.compile(r"[A-Za-z0-9 ,.;:?!'\"—–\-$£€%&/@#+=°éèêçñöüá]+")
SHOUTED = re.compile(r"[A-Z]{4,}|\d{6,}|\.\.\.|[?!.,]{2,}|--$| - |\b[IVX]{2,}\b")
# What old prose says of people, and what chat says in letters.
DATED = "negro negroes savage savages cannibal cannibals heathen heathens squaw darkies coolie hussy "
VIOLENT = "prostitute prostitutes prostitution brothel fondle fondled fondling fondler suicide murder murdered raped terrorist nazi nazis hitler slave slaves slavery lynch drugs cocaine weed "
RUDE = (
    "damn damned dammit hell crap piss pissed sex dumb stupid idiot moron retard gay lesbian trump hillary "
)
CHATTY = (
    "lol lmao haha hahaha hehe idk u ur r omg tbh btw bc cuz gonna wanna gotta kinda sorta dunno yeah yea ya yup nope "
    "im ive dont cant wont didnt doesnt isnt wasnt arent couldnt wouldnt shouldnt thats whats hes shes youre theyre "
    "alot ok k hmm hm um uh ah oh ooh wow woah aw aww ha nah gosh sup hey yo dude bro thx pls plz tho cus cause lets "
    "byu provo utah lds mormon chatbot bot byuu wanna outta ima whatcha lil ppl sry"
)


class Unwanted:
    """Knows sentences that nobody should be taught to say, by their words."""

    def __init__(self, words: Iterable[str]):
        terms = {*words, *DATED.split(), *VIOLENT.split(), *RUDE.split()}
        self._pattern = re.compile(
            r"(?<![a-z])(?:" + "|".join(sorted(map(re.escape, terms))) + r")(?![a-z])", re.IGNORECASE
        )

    def __contains__(self, text: str) -> bool:
        return self._pattern.search(text) is not None


def split(prose: str) -> Iterator[str]:
    """The sentences of one paragraph, in order."""
    start = 0
    for boundary in BOUNDARY.finditer(prose):
        last = LAST_WORD.search(prose, start, boundary.start())
        word = last[1].lower() if last else ""
        if prose[boundary.start()] == "." and (
            word in ABBREVIATIONS or re.fullmatch(r"[a-z]|(?:[a-z]\.)+[a-z]", word)
        ):
            continue
        yield prose[start : boundary.end()].strip()
        start = boundary.end()
    if prose[start:].strip():
        yield prose[start:].strip()


def plain(prose: str) -> str:
    """The prose with typewriter quotes, single spaces, and no marks of emphasis."""
    prose = prose.translate(
        str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "_": "", "*": "", "`": "'"})
    )
    return re.sub(r"\s+", " ", prose).strip()


def kept(sentence: str) -> str | None:
    """The sentence with quotation marks that pair, or None if it is not a whole and clean one."""
    if sentence.count('"') % 2 == 1:
        sentence = sentence.replace('"', "").strip()
    letters = sum(character.isalpha() for character in sentence)
    whole = re.match(r"[\"']?[A-Z0-9$£€]", sentence) and re.search(r"[.?!][\"']?$", sentence)
    clean = SPEAKABLE.fullmatch(sentence) and not SHOUTED.search(sentence.rstrip("\"'"))
    if not whole or not clean or len(sentence) > MAX_CHARACTERS or letters < 2:
        return None
    return sentence


def kept_chat(utterance: str) -> str | None:
    """A typed line as a sentence, with the capital and the full stop that haste left out; else None."""
    words = re.findall(r"[a-z']+", utterance.lower())
    if not 1 < len(words) < 36 or set(words) & CHAT_WORDS or NOT_SAID.search(utterance):
        return None
    text = re.sub(r"\bi\b(?=[ '])", "I", utterance)
    text = text[0].upper() + text[1:]
    return kept(ended(text))


def ended(text: str) -> str:
    """The text with the mark at its end that haste left out, or got wrong."""
    text = text.rstrip(",;: ")
    if text[-1:] == "!":
        return text
    return text.rstrip(".?") + ("?" if text[-1:] == "?" or QUESTION.match(text) else ".")


CHAT_WORDS = frozenset(CHATTY.split())
# Smileys, addresses, personal numbers, and shouting.
NOT_SAID = re.compile(r"[()/@#:;<>~^\"]|\d{4,}|\b[A-Z]{2,}\b.*\b[A-Z]{2,}\b|\b[A-Z]{3,}\b")
QUESTION = re.compile(
    r"(?:(?:and|but|so|then) )?(?:"
    r"(?:what|where|when|why|how|who|which)(?:'s|'re| (?:is|are|was|were|do|does|did|can|could|will|would|should|about))"
    r"|(?:is|are|was|were|can|could|would|will|should|isn't|aren't|did|does)"
    r"|(?:do|don't|have|has) (?:you|we|they|I|he|she|it|the|your)"
    r")\b",
    re.IGNORECASE,
)
