"""The models of a pack, read back from its graphs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from synthetic_speech import write_speech

import layout
from codec import stage
from codec.model import Codec, load_codec
from export.adoption import adopt
from export.codec_graph import write_codec_decoder, write_codec_encoder
from export.decoder_graph import write_decoder_graph
from lm import target
from lm.corpus import Corpus
from lm.model import SpeechLM, baked, load_model
from recipe import TINY, Recipe, Shares
from voices import VOICES
from workspace import ADOPTED_CODEC, ADOPTED_HOURS, ADOPTED_TARGET, MissingInput, Refused, Workspace

# A window whose spectrum does not divide evenly, and levels of which some are odd in number.
RECIPE = replace(
    TINY,
    codec=replace(TINY.codec, levels=(8, 5, 5, 5, 4)),
    target=replace(TINY.target, layers=2, dropout=0.1),
)


def uneven(model: torch.nn.Module) -> None:
    """Weights of which no two groups are alike, as training leaves them."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1 + 0.2 * torch.randn_like(parameter)).add_(0.01 * torch.randn_like(parameter))


@pytest.fixture(scope="module")
def models() -> tuple[SpeechLM, Codec]:
    torch.manual_seed(1)
    model, codec = SpeechLM(RECIPE.target).eval(), Codec(RECIPE.codec, RECIPE.speech.sample_rate).eval()
    uneven(model)
    uneven(codec)
    return model, codec


@pytest.fixture
def pack(models: tuple[SpeechLM, Codec], tmp_path: Path) -> Path:
    model, codec = models
    folder = tmp_path / "pack"
    folder.mkdir()
    write_decoder_graph(model, RECIPE.max_length, folder / "target.onnx")
    write_codec_decoder(codec, folder / "codec_decoder.onnx")
    write_codec_encoder(codec, folder.with_name("codec_encoder.onnx"))
    described = {
        "voices": [{"name": voice.name} for voice in VOICES],
        "tokens": {"vocabularySize": layout.VOCABULARY, "embeddingRows": layout.EMBEDDINGS},
    }
    (folder / "pack.json").write_text(json.dumps(described))
    return folder


def test_an_adopted_target_is_the_one_that_was_written(
    models: tuple[SpeechLM, Codec], pack: Path, tmp_path: Path
) -> None:
    work = Workspace(tmp_path / "work")
    adopt(RECIPE, work, pack)
    adopted = load_model(work.path(ADOPTED_TARGET))
    assert adopted.config == RECIPE.target
    stored = baked(models[0]).state_dict()
    assert stored.keys() == adopted.state_dict().keys()
    for name, values in adopted.state_dict().items():
        assert torch.equal(values, stored[name]), name
    # Written again, nothing is lost any more.
    write_decoder_graph(adopted, RECIPE.max_length, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == (pack / "target.onnx").read_bytes()


def test_an_adopted_codec_hears_and_sounds_alike(
    models: tuple[SpeechLM, Codec], pack: Path, tmp_path: Path
) -> None:
    work, codec = Workspace(tmp_path / "work"), models[1]
    adopt(RECIPE, work, pack)
    adopted = load_codec(work.path(ADOPTED_CODEC))
    assert adopted.recipe == RECIPE.codec
    tokens = torch.from_numpy(np.random.default_rng(0).integers(0, codec.quantiser.size, (2, 40)))
    voices = torch.tensor([0, 4])
    with torch.no_grad():
        ours, theirs = codec.decode(tokens, voices), adopted.decode(tokens, voices)
        # Eight bits lose a few thousandths.
        assert (ours - theirs).square().mean() < 1e-3 * ours.square().mean()
        sound = 0.3 * torch.randn(1, 60 * RECIPE.codec.hop).cumsum(1).tanh()
        assert (codec.encode(sound) == adopted.encode(sound)).float().mean() > 0.8
    # What it learns by is as large as what it began with.
    scales = torch.cat([block.scale for block in adopted.decoder.blocks])
    assert torch.all(scales > 0)


@pytest.mark.parametrize(
    "other",
    [
        replace(RECIPE, target=replace(RECIPE.target, layers=3)),
        replace(RECIPE, target=replace(RECIPE.target, feed_forward=512)),
        replace(RECIPE, codec=replace(RECIPE.codec, decoder_width=96)),
        replace(RECIPE, codec=replace(RECIPE.codec, encoder_layers=2)),
    ],
)
def test_a_pack_of_another_recipe_is_refused(pack: Path, tmp_path: Path, other: Recipe) -> None:
    with pytest.raises(Refused, match="was not made by this recipe: its models have other sizes"):
        adopt(other, Workspace(tmp_path / "work"), pack)
    assert not (tmp_path / "work").exists()


def test_other_voices_and_missing_files_are_refused(pack: Path, tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    with pytest.raises(MissingInput, match="elsewhere/pack.json is missing: give the folder of a pack"):
        adopt(RECIPE, work, tmp_path / "elsewhere")
    pack.with_name("codec_encoder.onnx").unlink()
    with pytest.raises(MissingInput, match="codec_encoder.onnx is missing"):
        adopt(RECIPE, work, pack)
    described = json.loads((pack / "pack.json").read_text())
    described["voices"].reverse()
    (pack / "pack.json").write_text(json.dumps(described))
    with pytest.raises(Refused, match="it has other voices or tokens"):
        adopt(RECIPE, work, pack)


def test_a_target_goes_on_from_the_adopted_one(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Workspace(tmp_path / "work")
    adopt(RECIPE, work, pack)
    write_speech(work.root)
    brief = replace(
        RECIPE.target_training, seconds=0.01, rows=1, team_rows=1, row=256, warmup=1000, quantised_from=1.0
    )
    rates: list[float] = []
    monkeypatch.setattr(target, "descend", lambda _model, _optimisers, rate: rates.append(rate))
    target.run(replace(RECIPE, target_training=brief, trained_length=256), work)
    assert "target: going on from the adopted pack's." in capsys.readouterr().out
    assert rates[0] == pytest.approx(0.5 * brief.learning_rate / 1000)
    made, adopted = (load_model(work.path(name)).state_dict() for name in ("target.pt", ADOPTED_TARGET))
    assert all(torch.equal(made[name], values) for name, values in adopted.items())


def test_an_adopted_codec_stays_as_it_is_unless_it_shall_go_on(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Workspace(tmp_path / "work")
    adopt(RECIPE, work, pack)
    stage.run(RECIPE, work)
    assert capsys.readouterr().out == "codec: the adopted pack's, as it is.\n"
    assert work.path("codec.pt").read_bytes() == work.path(ADOPTED_CODEC).read_bytes()
    with pytest.raises(MissingInput, match="speech"):
        stage.run(replace(RECIPE, going_on_shares=Shares(codec=60)), work)


def test_speech_that_an_adopted_target_learned_from_is_learned_from_again(pack: Path, tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    write_speech(work.root)
    earlier = Corpus(RECIPE, work, "train")
    learned = {"hours": 70.5, "hoursBefore": 9.5}
    (pack / "report.json").write_text(json.dumps({"corpus": learned}))
    (pack / "report").mkdir()
    (pack / "report/losses-codec.svg").write_text("<svg/>")
    adopt(RECIPE, Workspace(tmp_path / "without"), pack)
    assert (tmp_path / "without/adopted/losses-codec.svg").read_text() == "<svg/>"
    assert json.loads((tmp_path / "without" / ADOPTED_HOURS).read_text()) == 80
    adopt(RECIPE, work, pack)
    # Those whose tokens are kept will be counted with the new ones.
    assert json.loads(work.path(ADOPTED_HOURS).read_text()) == 9.5
    assert not (work.root / "tokens-0.npz").exists()
    write_speech(work.root, seed=1)
    corpus = Corpus(RECIPE, work, "train")
    assert len(corpus.utterances) == 2 * len(earlier.utterances)
    assert np.array_equal(corpus.codes[-len(earlier.codes) :], earlier.codes)
    # Another reading of the same speech is no more speech.
    (work.root / "tokens-1.npz").write_bytes((work.root / "tokens-0.npz").read_bytes())
    again = Corpus(RECIPE, work, "train")
    assert again.spoken_frames == corpus.spoken_frames == corpus.frames < again.frames
    held_out = Corpus(RECIPE, work, "validation")
    assert len(held_out.utterances) == 4
