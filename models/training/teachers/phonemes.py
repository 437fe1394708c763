"""From the texts' ARPAbet to the IPA that the teacher was trained on.

Kokoro reads misaki's inventory, where a capital stands for a diphthong (A eɪ, I aɪ, O oʊ, Q əʊ, W aʊ,
Y ɔɪ), American or British. Stress stands before the vowel.
British vowels that American phones merge (lot and palm, trap and bath) are told apart by the spelling.
"""

import re
from dataclasses import dataclass
from typing import Literal

Accent = Literal["american", "british"]
# A symbol of layout.PUNCTUATION, or [letters, phones, known].
Item = str | list

CONSONANTS = {
    "B": "b", "CH": "ʧ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h", "JH": "ʤ", "K": "k",
    "L": "l", "M": "m", "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t",
    "TH": "θ", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
AMERICAN = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "EH": "ɛ", "ER": "ɜɹ", "EY": "A",
    "IH": "ɪ", "IY": "i", "OW": "O", "OY": "Y", "UH": "ʊ", "UW": "u",
}  # fmt: skip
BRITISH = AMERICAN | {"AE": "a", "AO": "ɔː", "ER": "ɜː", "IY": "iː", "OW": "Q", "UW": "uː"}
VOWELS = {"american": AMERICAN, "british": BRITISH}
STRESS = {"0": "", "1": "ˈ", "2": "ˌ"}

# Words that sentences lean on without stressing them, unless a pause follows.
UNSTRESSED = frozenset(
    "the a an to of and in is it that this with for at by be as are was were have has had or from you he"
    " she we they his her my your their its can could would will if than been am do does there so into"
    " i'm i'll i've i'd it's he's she's we're you're they're that's".split()
)
SECONDARY = (
    frozenset(
        "on not but our me him us them should when what which who how where some did or i because upon"
        " must might may about".split()
    )
    - UNSTRESSED
)
# Where a leaning word's vowel is not the dictionary's.
LEANING = {
    "american": {"a": "ɐ", "an": "ɐn", "and": "ænd", "was": "wʌz", "than": "ðən", "am": "ɐm", "of": "ʌv"},
    "british": {
        "a": "ɐ", "an": "ɐn", "and": "and", "was": "wɒz", "than": "ðən", "am": "ɐm", "of": "ɒv",
        "from": "fɹɒm", "been": "biːn", "your": "jɔː", "what": "wˌɒt", "because": "bɪkˈɒz",
    },
}  # fmt: skip

BATH = re.compile(
    r"(^|un|over|under)(ask|after|aunt|answer|bath|path|class|glass|grass|pass|past|last|fast(?!id)|cast(?!i)"
    r"|vast|mast|plaster|disaster|nasty|dance|chance|chancell|france|glance|lance|trance|branch|ranch|plant"
    r"|grant|slant|shan't|can't|half|halv|calf|calv|laugh|staff|craft|aircraft|draft|shaft|raft|task|mask"
    r"|flask|basket|casket|advance|advantage|exampl|sampl|rather|command|demand|remand|grasp|gasp|clasp"
    r"|rascal|castle|fasten|giraffe|graph|brass|contrast|forecast|broadcast|behalf|enhanc|chant|enchant)"
)
CLOTH_OR_LOT = re.compile(r"o(?!u|o|a|w|rt|re|r$)|wa[sn]|wha|qua|swa|cough|knowl")
THOUGHT = re.compile(r"au|aw|al|ough|ater|oad|war|wal")
YOD = re.compile(r"u|ew|eu")
NO_YOD = re.compile(r"oo|ou|^to|^two|who|do|shoe|move")


@dataclass
class Word:
    letters: str
    phones: list[str]

    def base(self, index: int) -> str:
        """The phone without its stress, or nothing outside the word."""
        return self.phones[index].rstrip("012") if 0 <= index < len(self.phones) else ""

    def vowel(self, index: int) -> bool:
        return 0 <= index < len(self.phones) and self.phones[index][-1].isdigit()


def sentence(items: list[Item], accent: Accent) -> str:
    """The IPA of one sentence of the texts file, punctuation included. Raises KeyError for a foreign phone."""
    out: list[str] = []
    for index, item in enumerate(items):
        if isinstance(item, str):
            spaced_dash = item == "-" and index > 0 and items[index - 1] == " "
            out.append({"-": "—" if spaced_dash else ""}.get(item, item))
            continue
        if index > 0 and not isinstance(items[index - 1], str):
            out.append(" ")
        following = next((i for i in items[index + 1 :] if i != " "), ".")
        out.append(spoken(Word(item[0], list(item[1])), following, accent))
    return re.sub(r"\s+", " ", "".join(out)).strip()


def spoken(word: Word, following: Item, accent: Accent) -> str:
    """One word as it sounds before the following item."""
    before_pause = isinstance(following, str)
    before_vowel = not before_pause and following[1][0][-1].isdigit()
    if word.letters == "the" and not before_pause:
        return "ði" if before_vowel else "ðə"
    if word.letters == "to" and not before_pause:
        return "tʊ" if before_vowel else "tə"
    leaning = LEANING[accent].get(word.letters)
    if leaning and not before_pause:
        return leaning
    if word.letters in UNSTRESSED and not before_pause:
        word.phones = [phone.replace("1", "3").replace("2", "3") for phone in word.phones]
    elif word.letters in UNSTRESSED | SECONDARY:
        word.phones = [phone.replace("1", "2") for phone in word.phones]
    if word.phones[-1] == "IY2" and word.letters.endswith("y") and len(word.phones) > 3:
        word.phones[-1] = "IY0"
    sounds = {"american": american, "british": british}[accent]
    return "".join(sounds(word, index) for index in range(len(word.phones)))


def stressed(word: Word, index: int, table: dict[str, str]) -> str:
    base, stress = word.phones[index][:-1], word.phones[index][-1]
    # 3 marks a full vowel that lost its stress to the sentence.
    if stress == "0" and base == "AH":
        return "ə"
    return STRESS.get(stress, "") + table[base]


def flapped(word: Word, index: int) -> bool:
    after = word.phones[index + 1 : index + 2]
    reduced = bool(after) and after[0][-1] == "0"
    syllabic_n = word.base(index + 1) == "AH" and word.base(index + 2) == "N"
    return reduced and not syllabic_n and (word.vowel(index - 1) or word.base(index - 1) == "R")


def inflection(word: Word, index: int) -> bool:
    """Whether a reduced vowel is that of the endings -es and -ed."""
    if index != len(word.phones) - 2 or word.phones[index] not in ("AH0", "IH0"):
        return False
    before, last = word.base(index - 1), word.base(index + 1)
    ending = last == "Z" and before in ("S", "Z", "SH", "ZH", "CH", "JH") and word.letters.endswith("s")
    return ending or (last == "D" and before in ("T", "D") and word.letters.endswith("ed"))


def syllabic(word: Word, index: int) -> bool:
    """Whether a reduced vowel sinks into an L or N that ends the word or its last syllable."""
    if word.phones[index] != "AH0" or word.base(index + 1) not in ("L", "N") or word.vowel(index + 2):
        return False
    before = word.base(index - 1)
    allowed = ("T", "D", "S", "Z", "SH", "ZH", "CH", "JH", "V", "F", "K", "P", "B", "G", "TH", "DH")
    return before in allowed and (word.base(index + 1) == "L" or before not in ("K", "P", "B", "G", "CH"))


def american(word: Word, index: int) -> str:
    phone = word.phones[index]
    if not word.vowel(index):
        return "ɾ" if phone == "T" and flapped(word, index) else CONSONANTS[phone]
    if phone == "ER0":
        return "əɹ"
    if inflection(word, index):
        return "ᵻ"
    if syllabic(word, index):
        return "ᵊ"
    glide = "ə" if word.base(index) == "AY" and word.base(index + 1) == "R" else ""
    return stressed(word, index, AMERICAN) + glide


def british(word: Word, index: int) -> str:
    phone, letters = word.phones[index], word.letters
    base = word.base(index)
    rhotic_before = word.base(index + 1) == "R" and not word.vowel(index + 2)
    if base == "R":
        return "ɹ" if word.vowel(index + 1) else ""
    if not word.vowel(index):
        yod = base in ("T", "D", "N") and word.base(index + 1) == "UW" and word.base(index - 1) != "L"
        if yod and YOD.search(letters) and not NO_YOD.search(letters):
            return CONSONANTS[base] + "j"
        return CONSONANTS[base]
    mark = STRESS.get(phone[-1], "")
    if base == "ER":
        link = "ɹ" if word.vowel(index + 1) else ""
        if phone == "ER0":
            return "ə" + link
        return mark + ("ʌ" if link and "rr" in letters else "ɜː") + link
    if word.base(index + 1) == "R":
        if base in ("IH", "IY"):
            return mark + ("ɪ" if "rr" in letters else "ɪə")
        if base == "EH":
            open_vowel = "e" in letters and re.search(r"er(?!e$)", letters) and "ear" not in letters
            return mark + ("a" if "arr" in letters else "ɛ" if open_vowel and not rhotic_before else "ɛː")
        if base == "UH":
            return mark + "ʊə"
        if base == "AA":
            return mark + ("ɒ" if "o" in letters and not rhotic_before else "ɑː")
        if base == "AO":
            return mark + ("ɒ" if "rr" in letters and not rhotic_before else "ɔː")
    if base == "AA":
        return mark + ("ɒ" if CLOTH_OR_LOT.search(letters) else "ɑː")
    if base == "AO":
        lot = CLOTH_OR_LOT.search(letters) and not THOUGHT.search(letters)
        return mark + ("ɒ" if lot else "ɔː")
    if base == "AE" and BATH.search(letters):
        return mark + "ɑː"
    if phone == "IY0":
        return "i"
    if inflection(word, index):
        return "ɪ"
    if syllabic(word, index):
        return "ᵊ"
    glide = "ə" if base == "AY" and word.base(index + 1) == "R" else ""
    return stressed(word, index, BRITISH) + glide
