"""Ids of the pack's one vocabulary: acoustic tokens first, then what only a prompt holds.

A sequence is `[text symbols] [voice] [START] acoustic tokens [END]`; loss falls on what follows START.
"""

CODEBOOK = 4096
END = 4096
START = 4097
VOICE_BASE = 4100
TEXT_BASE = 4112
# Logits a position: the codebook and END.
VOCABULARY = CODEBOOK + 1
# Rows of the input embedding; a round number above TEXT_BASE + symbols.
EMBEDDINGS = 4288

PHONES = tuple(
    vowel + stress for vowel in "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split() for stress in "012"
) + tuple("B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split())
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz'")
PUNCTUATION = tuple(" ,.-;:?!")
SYMBOLS = PHONES + LETTERS + PUNCTUATION
SYMBOL_ID = {symbol: TEXT_BASE + index for index, symbol in enumerate(SYMBOLS)}
