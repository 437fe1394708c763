import json
from pathlib import Path

import layout
from voices import VOICES

PACK = Path(__file__).parents[2] / "default" / "pack.json"


def test_no_two_kinds_of_token_share_an_id() -> None:
    acoustic = range(layout.CODEBOOK)
    voices = range(layout.VOICE_BASE, layout.VOICE_BASE + len(VOICES))
    ids = [*acoustic, layout.END, layout.START, *voices, *layout.SYMBOL_ID.values()]
    assert len(set(ids)) == len(ids)
    assert max(ids) < layout.EMBEDDINGS
    assert layout.VOCABULARY == layout.END + 1


def test_every_symbol_of_the_app_has_the_id_that_its_front_end_gives_it() -> None:
    manifest = json.loads(PACK.read_text())
    ids = {symbol: manifest["tokens"]["textBase"] + i for i, symbol in enumerate(manifest["text"]["symbols"])}
    assert ids == layout.SYMBOL_ID
