"""Word and character errors between what was to be said and what was heard."""

from dataclasses import dataclass

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

# Lower case, no punctuation, contractions written out, numbers and spellings made alike: the field's usual.
normalise = EnglishTextNormalizer()


@dataclass(frozen=True)
class Errors:
    words: int
    word_errors: int
    characters: int
    character_errors: int


def errors(said: str, heard: str) -> Errors:
    """Substitutions, deletions and insertions between two normalised texts; `said` is not empty."""
    by_word = jiwer.process_words(said, heard)
    by_character = jiwer.process_characters(said, heard)
    return Errors(
        words=len(said.split()),
        word_errors=by_word.substitutions + by_word.deletions + by_word.insertions,
        characters=len(said),
        character_errors=by_character.substitutions + by_character.deletions + by_character.insertions,
    )
