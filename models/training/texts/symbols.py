"""From a sentence's words, as the work folder holds them, to prompt tokens."""

from collections.abc import Callable

from layout import SYMBOL_ID

# A punctuation mark, or (spelling, phones, whether the app's dictionary has the word).
Item = str | tuple[str, list[str], bool]


def symbol_ids(words: list[Item], spell: Callable[[], bool] = lambda: False) -> list[int]:
    """Tokens as the app's front end would give them; `spell` says of each known word if it is spelled too."""
    symbols: list[str] = []
    for item in words:
        if isinstance(item, str):
            symbols.append(item)
        else:
            letters, phones, known = item
            symbols.extend(phones if known and not spell() else letters)
    return [SYMBOL_ID[symbol] for symbol in symbols]
