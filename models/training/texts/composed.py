"""A seeded grammar of what people type into a speech program.

A rule is a text with {slots} and [alternatives|of|texts]; a slot is a phrase of the lexicon, or a
number, date, price or the like made here. A slot with a capital gives its phrase one.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from texts.lexicon import LEXICON
from texts.phrasebook import RULES

PLURALS = {
    "fox": "foxes", "salmon": "salmon", "wolf": "wolves", "deer": "deer", "sheep": "sheep", "goose": "geese",
    "butterfly": "butterflies", "puppy": "puppies", "octopus": "octopuses", "fish": "fish",
}  # fmt: skip
FRACTIONS = ("1/2", "1/4", "3/4", "2/3", "half a", "a third of a", "three quarters of a")
INNERMOST = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")


def _grouped(number: int, rng: random.Random) -> str:
    return f"{number:,}" if rng.random() < 0.8 else str(number)


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _phone(rng: random.Random) -> str:
    area = f"{rng.randint(2, 9)}{_digits(rng, 2)}"
    return rng.choice(
        (
            f"({area}) 555-{_digits(rng, 4)}",
            f"{area}-555-{_digits(rng, 4)}",
            f"555-{_digits(rng, 4)}",
            f"1-800-555-{_digits(rng, 4)}",
            f"020 7946 {_digits(rng, 4)}",
            f"01632 960{_digits(rng, 3)}",
            f"07700 900{_digits(rng, 3)}",
        )
    )


def _time(rng: random.Random) -> str:
    hour, minute = rng.randint(1, 12), rng.choice((0, 5, 10, 12, 15, 20, 25, 30, 35, 40, 45, 50, 55, 58))
    half = rng.choice(("am", "pm", "a.m.", "p.m.", "AM", "PM"))
    said = rng.choice("one two three four five six seven eight nine ten eleven twelve".split())
    return rng.choice(
        (
            f"{hour} {half}" if minute == 0 else f"{hour}:{minute:02d} {half}",
            f"{hour}:{minute:02d}",
            f"{hour} o'clock",
            f"{rng.randint(13, 23)}:{minute:02d}",
            f"{rng.choice(('half past', 'quarter to', 'quarter past', 'ten to', 'twenty past'))} {said}",
        )
    )


def _date(rng: random.Random, year: bool) -> str:
    month, day = rng.choice(LEXICON["month"]), rng.randint(1, 28)
    after = rng.randint(1750, 2035) if year else 0
    forms = (
        f"{month} {day}",
        f"{month} {_ordinal(day)}",
        f"{day} {month}",
        f"the {_ordinal(day)} of {month}",
    )
    form = rng.choice(forms)
    if not year:
        return form
    return f"{form}, {after}" if form.startswith(month) else f"{form} {after}"


def _price(rng: random.Random) -> str:
    sign = rng.choice("$$$£€")
    return rng.choice(
        (
            f"{sign}{rng.randint(1, 99)}",
            f"{sign}{rng.randint(1, 99)}.{rng.choice(('99', '50', '25', '75', '10', '49'))}",
            f"{sign}{rng.randint(100, 999)}",
            f"{sign}{rng.randint(1, 9)},{rng.randint(0, 9)}00",
            f"{rng.randint(5, 95)} cents",
            f"{rng.randint(2, 90)} {rng.choice(('dollars', 'pounds', 'euros'))}",
        )
    )


def _temperature(rng: random.Random) -> str:
    return rng.choice(
        (
            f"{rng.randint(-9, 38)} degrees",
            f"{rng.randint(1, 38)}°C",
            f"{rng.randint(20, 99)}°F",
            f"minus {rng.randint(2, 20)} degrees",
            f"{rng.randint(2, 30)} degrees Celsius",
        )
    )


def _sum(rng: random.Random) -> str:
    left, right = rng.randint(2, 60), rng.randint(2, 60)
    return f"{left} {rng.choice(('plus', '+', 'and'))} {right} {rng.choice(('is', 'makes', 'equals', '='))} {left + right}"


def _acted(rng: random.Random) -> str:
    return rng.choice(("stopped", "rang", "broke", "fell", "vanished", "caught fire", "began to hum"))


class Composer:
    """Composes sentences; equal seeds and names give equal sentences."""

    def __init__(self, seed: int, rare_names: Sequence[str] = (), nouns: Sequence[str] = ()):
        """`rare_names` and `nouns` widen the lexicon with what registries hold."""
        self._rng = random.Random(seed)
        self._lexicon: dict[str, Sequence[str]] = dict(LEXICON)
        self._lexicon["first"] = LEXICON["woman"] + LEXICON["man"]
        self._lexicon["rare_first"] = tuple(rare_names) or self._lexicon["first"]
        self._lexicon["noun"] = tuple(nouns) or LEXICON["thing"]
        self._made: Mapping[str, Callable[[random.Random], str]] = {
            "person": lambda rng: self._pick("first") + " " + self._pick("surname"),
            "title": lambda rng: rng.choice(
                ("Mr.", "Mrs.", "Ms.", "Dr.", "Miss", "Professor", "Captain", "Judge", "Mr", "Mrs")
            ),
            "phone": _phone,
            "time": _time,
            "date": lambda rng: _date(rng, year=False),
            "date_year": lambda rng: _date(rng, year=True),
            "iso_date": lambda rng: f"{rng.randint(1990, 2035)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            "year": lambda rng: str(rng.randint(1700, 2035)),
            "decade": lambda rng: rng.choice(("1920s", "1950s", "1960s", "1970s", "1980s", "1990s", "'80s", "2000s")),
            "ordinal": lambda rng: _ordinal(rng.randint(1, 31)),
            "price": _price,
            "price_large": lambda rng: (
                rng.choice("$£€")
                + rng.choice(
                    (
                        f"{rng.randint(20, 900)},000",
                        f"{rng.randint(2, 90)} million",
                        f"{rng.randint(1, 9)}.{rng.randint(1, 9)} billion",
                        f"{rng.randint(1, 9)},{_digits(rng, 3)},000",
                    )
                )
            ),
            "percent": lambda rng: rng.choice(
                (f"{rng.randint(1, 100)}%", f"{rng.randint(1, 99)} percent", f"{rng.randint(0, 20)}.{rng.randint(1, 9)}%")
            ),
            "hundreds": lambda rng: str(rng.randint(100, 999)),
            "large": lambda rng: _grouped(rng.randint(1_000, 9_999_999), rng)
            if rng.random() < 0.5
            else f"{rng.randint(1, 900)},000",
            "count": lambda rng: str(rng.randint(2, 30 if rng.random() < 0.7 else 99))
            if rng.random() < 0.6
            else rng.choice(
                "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty".split()
            ),
            "age": lambda rng: str(rng.randint(18, 99)),
            "digit": lambda rng: str(rng.randint(1, 9)),
            "digits": lambda rng: _digits(rng, rng.randint(3, 6)),
            "decimal": lambda rng: f"{rng.randint(0, 60)}.{rng.randint(1, 99)}",
            "fraction": lambda rng: rng.choice(FRACTIONS),
            "degrees": _temperature,
            "oven": lambda rng: f"{rng.choice((160, 180, 200, 220, 350, 375, 425))}{rng.choice((' degrees', '°C'))}",
            "sum": _sum,
            "version": lambda rng: ".".join(str(rng.randint(0, 12)) for _ in range(rng.choice((2, 3)))),
            "flight": lambda rng: rng.choice(("BA", "AA", "LH", "UA", "KL")) + " " + _digits(rng, 3),
            "email": lambda rng: (
                f"{self._pick('first').lower()}.{self._pick('noun')}@{rng.choice(('example', 'mail', 'school', 'work'))}"
                f".{rng.choice(('com', 'org', 'net'))}"
            ),
            "website": lambda rng: f"www.{self._pick('noun')}{rng.choice(('.com', '.org', '.net', '.com/help'))}",
            "animal_plural": lambda rng: self._plural(self._pick("animal")),
            "stopped": _acted,
        }  # fmt: skip

    def compose(self, kind: str) -> str:
        """One sentence of the kind."""
        rules = RULES[kind][1]
        return self._tidy(self._fill(self._rng.choice(rules)))

    def sentences(self) -> Iterator[tuple[str, str]]:
        """Endless (kind, sentence), the kinds by their weights; sentences may come again."""
        kinds = list(RULES)
        weights = [RULES[kind][0] for kind in kinds]
        while True:
            kind = self._rng.choices(kinds, weights)[0]
            yield kind, self.compose(kind)

    def _pick(self, slot: str) -> str:
        return self._rng.choice(self._lexicon[slot])

    def _plural(self, noun: str) -> str:
        return PLURALS.get(noun, noun + "s")

    def _slot(self, name: str, used: set[str]) -> str:
        """A phrase for the slot that the sentence does not have yet, if chance finds one."""
        lower = name.lower()
        for _ in range(5):
            phrase = self._made[lower](self._rng) if lower in self._made else self._pick(lower)
            if phrase not in used:
                break
        used.add(phrase)
        return phrase if name == lower else phrase[0].upper() + phrase[1:]

    def _fill(self, rule: str) -> str:
        # Alternatives first, so that a slot which is not said is not drawn.
        while INNERMOST.search(rule):
            rule = INNERMOST.sub(lambda match: self._rng.choice(match[1].split("|")), rule)
        used: set[str] = set()
        return SLOT.sub(lambda match: self._slot(match[1], used), rule)

    def _tidy(self, text: str) -> str:
        text = re.sub(r"\b([Aa]) (?=[aeioAEIO]|hon|hour|un[^i]|um|8\b|11\b|18\b|8[0-9]\b)", r"\1n ", text)
        text = re.sub(r"\b([Aa])n (?=one|once|Euro|euro)", r"\1 ", text)
        text = re.sub(r" a (an?|the) ", r" \1 ", text)
        text = re.sub(r"\.\.$", ".", text)
        start = re.search(r"[A-Za-z0-9$£€]", text)
        if start:
            text = text[: start.start()] + text[start.start() :][0].upper() + text[start.start() + 1 :]
        return text
