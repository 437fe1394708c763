"""The codec on small random weights: exactness of streaming, the graphs, the stages."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from alignment import STEP
from codec import stage, tokens
from codec.measure import entropy_bits
from codec.model import Codec, VoiceNorm, load_codec, save_codec
from codec.quantiser import FiniteScalarQuantiser
from codec.recordings import Recordings
from codec.slices import SlicePool
from codec.training import Trainer, disturb
from export.codec_graph import write_codec_decoder, write_codec_encoder
from layout import VOICE_BASE
from recipe import FULL, TINY
from telemetry_free import onnxruntime
from workspace import MissingInput, Workspace

RATE = TINY.speech.sample_rate
HOP = TINY.codec.hop
VOICE = torch.tensor([2])
# So small that a training step takes a second on one core.
SMALL = replace(
    TINY.codec, batch=1, adversarial_batch=1, frames=8, encoder_width=32, decoder_width=32, fine_width=32
)


@pytest.fixture(scope="module")
def codec() -> Codec:
    """Random weights, in which each block counts as it does after training, and voices differ."""
    torch.manual_seed(0)
    codec = Codec(TINY.codec, RATE).eval()
    with torch.no_grad():
        for block in [*codec.encoder.blocks, *codec.decoder.blocks, *codec.decoder.fine_blocks]:
            block.scale.fill_(1.0)
            block.taps.mul_(2.0)
        codec.encoder.outlet.weight.mul_(3.0)
        for norm in codec.decoder.modules():
            if isinstance(norm, VoiceNorm):
                norm.weight.add_(torch.randn_like(norm.weight), alpha=0.2)
                norm.bias.add_(torch.randn_like(norm.bias), alpha=0.2)
    return codec


@pytest.fixture(scope="module")
def spoken() -> torch.Tensor:
    """Tokens of 90 frames."""
    return torch.randint(TINY.codec.levels[0] ** 6, (1, 90), generator=torch.Generator().manual_seed(1))


def murmur(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise whose loudness and colour change all the time, float32 within ±1."""
    random = np.random.default_rng(seed)
    samples = int(seconds * RATE)
    noise = random.standard_normal(samples)
    smooth = np.convolve(noise, np.ones(12) / 12, "same")
    time = np.arange(samples) / RATE
    mixed = noise * np.sin(5 * time) ** 2 + 3 * smooth * np.cos(7 * time) ** 2
    return (0.08 * mixed).clip(-1, 1).astype(np.float32)


def decibels(signal: np.ndarray, other: np.ndarray) -> float:
    """Signal to noise ratio of the second to the first."""
    return 10 * np.log10(np.square(signal).sum() / np.square(signal - other).sum())


def session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@torch.no_grad()
def test_sound_becomes_one_token_a_frame_and_back(codec: Codec) -> None:
    audio = torch.from_numpy(np.stack([murmur(1.003, 1), murmur(1.003, 2)]))
    found = codec.encode(audio)
    assert found.shape == (2, 50) and found.dtype == torch.int64
    assert 0 <= found.min() and found.max() < 4096
    assert codec.decode(found, torch.tensor([0, 1])).shape == (2, 50 * HOP)


@pytest.mark.parametrize("levels", [(4, 4, 4, 4, 4, 4), (8, 5, 5, 5), (3, 4)])
def test_every_code_can_be_reached_and_read_back(levels: tuple[int, ...]) -> None:
    quantiser = FiniteScalarQuantiser(levels)
    every = torch.arange(quantiser.size)
    values = quantiser.values(every)
    bounded = values * quantiser.zero
    assert torch.equal(quantiser.tokens(bounded), every)
    assert torch.equal(quantiser.quantise(bounded), values)
    latent = torch.atanh((bounded + quantiser.offset) / quantiser.reach) - quantiser.shift
    assert torch.equal(quantiser.tokens(quantiser.bound(latent)), every)


def test_neglected_levels_cost_and_used_ones_do_not() -> None:
    quantiser = FiniteScalarQuantiser((4, 4))
    even = quantiser.values(torch.arange(16)) * quantiser.zero
    assert quantiser.neglect(even) == 0
    collapsed = torch.zeros(64, 2, requires_grad=True)
    cost = quantiser.neglect(quantiser.bound(collapsed + torch.linspace(-0.1, 0.1, 64)[:, None]))
    cost.backward()
    assert cost > 0.3 and collapsed.grad.abs().sum() > 0


def test_overlap_add_inverts_the_windowed_transform(codec: Codec) -> None:
    places, synthesis, hop = 24, codec.synthesis, HOP // TINY.codec.parts
    audio = torch.from_numpy(murmur(places * hop / RATE))
    window = len(synthesis.window)
    around = torch.nn.functional.pad(audio, (synthesis.lookahead * hop, window))
    windows = around.unfold(0, window, hop)[:places] * torch.hann_window(window)
    spectrum = torch.fft.rfft(windows)
    made = synthesis(spectrum.real[None], spectrum.imag[None])[0]
    assert torch.allclose(made, audio * synthesis.fade(places), atol=1e-6)
    whole = synthesis.fade(places)[2 * hop : -2 * hop]
    assert torch.allclose(whole, torch.ones_like(whole))


@torch.no_grad()
def test_a_token_changes_nothing_before_its_look_ahead_nor_after_its_context(
    codec: Codec, spoken: torch.Tensor
) -> None:
    changed, at = spoken.clone(), 40
    changed[0, at] = (spoken[0, at] + 1365) % 4096
    difference = (codec.decode(changed, VOICE) - codec.decode(spoken, VOICE)).view(-1, HOP).abs().amax(-1)
    touched = difference.nonzero()[:, 0]
    assert touched.min() == at - codec.lookahead
    assert touched.max() <= at + codec.left_context
    assert codec.lookahead == 4


@torch.no_grad()
def test_chunks_with_their_context_equal_the_whole(
    codec: Codec, spoken: torch.Tensor, tmp_path: Path
) -> None:
    write_codec_decoder(codec, tmp_path / "decoder.onnx")
    graph = session(tmp_path / "decoder.onnx")

    def by_graph(part: torch.Tensor) -> np.ndarray:
        return graph.run(None, {"tokens": part.numpy(), "voice": VOICE.numpy() + VOICE_BASE})[0]

    for decode in (lambda part: codec.decode(part, VOICE).numpy(), by_graph):
        whole, chunks = decode(spoken), []
        for first in range(0, 90, 16):
            end = min(first + 16, 90)
            start = max(0, first - codec.left_context)
            made = decode(spoken[:, start : min(90, end + codec.lookahead)])
            chunks.append(made[:, (first - start) * HOP : (end - start) * HOP])
        assert np.abs(np.concatenate(chunks, 1) - whole).max() < 1e-4


@torch.no_grad()
def test_the_decoder_graph_sounds_like_the_model(codec: Codec, spoken: torch.Tensor, tmp_path: Path) -> None:
    write_codec_decoder(codec, tmp_path / "decoder.onnx")
    both = torch.cat([spoken, spoken.flip(1)])
    graph = session(tmp_path / "decoder.onnx")
    sounds = []
    for voice in (0, 5):
        feeds = {"tokens": both.numpy(), "voice": np.array([VOICE_BASE + voice])}
        sounds.append(graph.run(None, feeds)[0])
        assert sounds[-1].shape == (2, 90 * HOP)
        assert decibels(codec.decode(both, torch.tensor([voice, voice])).numpy(), sounds[-1]) > 34
    assert decibels(*sounds) < 20


@torch.no_grad()
def test_the_encoder_graph_finds_the_model_s_tokens(codec: Codec, tmp_path: Path) -> None:
    write_codec_encoder(codec, tmp_path / "encoder.onnx")
    audio = np.stack([murmur(3.01, 3), murmur(3.01, 4)])
    found = session(tmp_path / "encoder.onnx").run(None, {"audio": audio})[0]
    wanted = codec.encode(torch.from_numpy(audio)).numpy()
    assert found.shape == wanted.shape == (2, 150)
    # Each of six dimensions may round the other way where 8-bit weights move it over an edge.
    assert (found == wanted).mean() > 0.9
    assert len(np.unique(wanted)) > 20


def speech_of(root: Path, splits: list[str]) -> Workspace:
    """A work folder in which a text of each split is spoken for three seconds, half of them a shard."""
    workspace = Workspace(root)
    with gzip.open(workspace.path("texts.jsonl.gz"), "wt") as texts:
        for number, split in enumerate(splits):
            text = {"id": number, "split": split, "kind": "test", "text": "Hm.", "words": ["."]}
            texts.write(json.dumps(text) + "\n")
    with workspace.path("speech/index.jsonl").open("w") as index:
        for number in range(len(splits)):
            sound = (32767 * murmur(3.0, number)).astype(np.int16)
            shard = {"shard": number, "start": 100, "length": len(sound), "voice": number % 6}
            np.save(workspace.path(f"speech/{number:04d}.npy"), np.concatenate([sound[:100], sound]))
            said = np.arange(-(-(100 + len(sound)) // STEP)) % 150
            np.save(workspace.path(f"speech/{number:04d}-symbols.npy"), said.astype(np.uint8))
            index.write(json.dumps({**shard, "texts": [number], "cuts": [0, len(sound)]}) + "\n")
    return workspace


def test_only_whole_lines_and_texts_for_training_are_drawn_from(tmp_path: Path) -> None:
    workspace = speech_of(tmp_path, ["train", "validation", "train"])
    index = workspace.path("speech/index.jsonl")
    lines = index.read_text().splitlines(keepends=True)
    index.write_text(lines[0] + lines[1] + lines[2][:20])
    pool = SlicePool(Recordings(workspace), RATE, torch.device("cpu"))
    pool.grow()
    assert pool.hours == pytest.approx(3 / 3600)
    assert [recording.texts for recording in pool.held_out] == [(1,)]
    recorded = torch.from_numpy(np.load(workspace.path("speech/0000.npy"))).float() / 32768
    possible = recorded.unfold(0, 4 * HOP, 1)
    sounds, symbols, voices = pool.draw(8, 4 * HOP, torch.Generator().manual_seed(0))
    assert symbols.shape == (8, 4 * HOP // STEP)
    assert voices.tolist() == [0] * 8
    for drawn, said in zip(sounds, symbols, strict=True):
        first = int((possible == drawn).all(-1).nonzero()[0, 0])
        assert first >= 100
        # The shard's symbols count its steps, up to 150.
        middles = first + STEP // 2 + STEP * torch.arange(len(said))
        assert torch.equal(said, (middles // STEP % 150).to(torch.uint8))
    index.write_text("".join(lines))
    pool.grow()
    assert pool.hours == pytest.approx(6 / 3600)


def steps(trainer: Trainer, count: int, adversarial: bool) -> list[float]:
    """Mel losses of some steps, all on the same slice."""
    audio = torch.from_numpy(murmur(trainer.slice_samples / RATE))[None]
    said = torch.arange(audio.shape[1] // STEP, dtype=torch.uint8)[None] // 4
    slices = disturb(audio, said, VOICE, trainer.codec, torch.Generator().manual_seed(0))
    return [float(trainer.step(slices, adversarial)["mel"]) for _ in range(count)]


def test_steps_learn() -> None:
    losses = steps(Trainer(replace(SMALL, learning_rate=5e-3), RATE, torch.device("cpu")), 30, False)
    assert losses[-1] < 0.97 * losses[0]


def test_a_frame_s_symbol_is_the_one_in_its_middle() -> None:
    codec = Codec(SMALL, RATE)
    length = 3 * HOP + 2 * codec.mel.margin
    said = torch.arange(length // STEP, dtype=torch.uint8)[None]
    slices = disturb(torch.zeros(1, length), said, VOICE, codec, torch.Generator().manual_seed(0))
    middles = [codec.mel.margin + HOP * frame + HOP // 2 for frame in range(3)]
    assert slices.symbols.tolist() == [[middle // STEP for middle in middles]]
    assert slices.clean.shape == (1, 3 * HOP)


def test_tokens_learn_what_is_said() -> None:
    trainer = Trainer(replace(SMALL, learning_rate=5e-3), RATE, torch.device("cpu"))
    audio = torch.from_numpy(murmur(trainer.slice_samples / RATE))[None]
    said = torch.arange(audio.shape[1] // STEP, dtype=torch.uint8)[None] // 4
    slices = disturb(audio, said, VOICE, trainer.codec, torch.Generator().manual_seed(0))
    readings = [float(trainer.step(slices, False)["reading"]) for _ in range(30)]
    assert readings[-1] < 0.5 * readings[0]


def test_a_checkpoint_restores_everything(tmp_path: Path) -> None:
    trainer = Trainer(SMALL, RATE, torch.device("cpu"))
    steps(trainer, 2, True)
    torch.save(trainer.state(), tmp_path / "state.pt")
    after = steps(trainer, 2, True)
    resumed = Trainer(SMALL, RATE, torch.device("cpu"))
    resumed.load(torch.load(tmp_path / "state.pt", weights_only=True))
    assert steps(resumed, 2, True) == pytest.approx(after, rel=1e-3)
    assert torch.allclose(resumed.averaged[0], trainer.averaged[0], rtol=1e-3)


def test_a_step_s_gradients_are_let_go_of_with_it() -> None:
    trainer = Trainer(SMALL, RATE, torch.device("cpu"))
    steps(trainer, 2, True)
    # An average with a history would keep the graphs of all steps, and a GPU would refuse to record any more.
    assert not any(average.requires_grad for average in trainer.averaged)


def test_a_warm_up_leaves_every_number_in_its_place() -> None:
    trainer = Trainer(SMALL, RATE, torch.device("cpu"))
    steps(trainer, 2, True)
    before = {name: tensor.clone() for name, tensor in numbers(trainer).items()}
    places = {name: tensor.data_ptr() for name, tensor in numbers(trainer).items()}
    trainer.warm_up()
    assert trainer.step_count == 2
    assert all(torch.equal(before[name], tensor) for name, tensor in numbers(trainer).items())
    assert places == {name: tensor.data_ptr() for name, tensor in numbers(trainer).items()}
    fresh = Trainer(SMALL, RATE, torch.device("cpu"))
    fresh.warm_up()
    optimised = [value for name, value in numbers(fresh).items() if "optimiser" in name]
    assert len(optimised) > 100 and not any(value.any() for value in optimised)


def numbers(trainer: Trainer) -> dict[str, torch.Tensor]:
    """All tensors of a trainer's models and optimisers."""
    found = dict(trainer.learners.state_dict(prefix="learners."))
    found |= trainer.discriminators.state_dict(prefix="discriminators.")
    for name in ("codec_optimiser", "judge_optimiser"):
        for index, state in enumerate(getattr(trainer, name).state.values()):
            found |= {f"{name}.{index}.{key}": value for key, value in state.items()}
    return found


def test_models_without_their_optimisers_are_trained_on() -> None:
    trainer = Trainer(SMALL, RATE, torch.device("cpu"))
    steps(trainer, 2, True)
    models = {name: value for name, value in trainer.state().items() if "optimiser" not in name}
    resumed = Trainer(SMALL, RATE, torch.device("cpu"))
    resumed.load(models)
    assert resumed.step_count == 2
    assert torch.equal(resumed.codec.encoder.outlet.weight, trainer.codec.encoder.outlet.weight)
    # Like a beginning, it warms up.
    assert resumed._learning_rate() == pytest.approx(Trainer(SMALL, RATE, resumed.device)._learning_rate())
    steps(resumed, 1, True)


def test_a_codec_that_goes_on_keeps_its_tokens_and_waits_for_the_discriminators() -> None:
    recipe = replace(SMALL, seconds=10, learning_rate=5e-3)
    codec = Codec(recipe, RATE)
    trainer = Trainer(recipe, RATE, torch.device("cpu"), beginning=codec)
    before = {name: value.clone() for name, value in codec.state_dict().items()}
    judges = trainer.discriminators.state_dict()
    untaught = {name: value.clone() for name, value in judges.items()}
    assert trainer.adversarial
    steps(trainer, 2, True)
    assert all(torch.equal(before[name], value) for name, value in trainer.codec.state_dict().items())
    assert not all(torch.equal(untaught[name], value) for name, value in judges.items())
    trainer.seconds = 2.0
    steps(trainer, 2, True)
    learnt = {
        name for name, value in trainer.codec.state_dict().items() if not torch.equal(before[name], value)
    }
    assert learnt and all(name.startswith("decoder.") for name in learnt)
    shares = recipe.going_on_rate * recipe.learning_rate / recipe.discriminators_rate
    assert float(trainer._rate) == pytest.approx(shares * float(trainer._judges_rate))


def test_the_stages_train_resume_and_turn_speech_into_tokens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    quick = replace(SMALL, seconds=1.0, adversarial_from=0.5)
    recipe = replace(TINY, codec=quick, speech=replace(TINY.speech, hours=0.002))
    workspace = speech_of(tmp_path, ["train", "train", "validation", "train"])
    stage.run(recipe, workspace)
    stage.run(recipe, workspace)
    assert "going on at step" in capsys.readouterr().out
    curve = [json.loads(line) for line in workspace.path("losses-codec.jsonl").read_text().splitlines()]
    assert curve[0]["mel"] > 0 and curve[-1]["held_out"]["frames"] == 150

    tokens.run(recipe, workspace)
    first, second, clean = (np.load(workspace.path(f"tokens-{name}.npz")) for name in ("0", "1", "clean"))
    assert first["voices"].tolist() == [0, 1, 2, 3] and clean["voices"].tolist() == [2]
    assert first["texts"].tolist() == [0, 1, 2, 3] and clean["texts"].tolist() == [2]
    lengths = np.diff(first["offsets"])
    assert all(150 <= length < 154 for length in lengths) and len(first["codes"]) == lengths.sum()
    assert first["cuts"].reshape(-1, 2)[:, 1].tolist() == lengths.tolist()
    assert first["cut_offsets"].tolist() == [0, 2, 4, 6, 8] and first["text_offsets"].tolist() == [
        0,
        1,
        2,
        3,
        4,
    ]
    assert first["codes"].dtype == np.int16 and len(second["codes"]) != 0
    assert not np.array_equal(first["codes"][:150], second["codes"][:150])
    # The clean pass is what the codec alone makes of the recording.
    sound = np.load(workspace.path("speech/0002.npy"))[100:].astype(np.float32) / 32768
    alone = load_codec(workspace.path("codec.pt")).encode(torch.from_numpy(sound)[None])[0]
    assert (torch.from_numpy(clean["codes"].astype(np.int64)) == alone).float().mean() > 0.99


def test_stages_without_their_inputs_or_gpu_say_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MissingInput, match="python models/training speech"):
        stage.run(TINY, Workspace(tmp_path))
    with pytest.raises(MissingInput, match="python models/training codec"):
        tokens.run(TINY, Workspace(tmp_path))
    with pytest.raises(MissingInput, match="GPU"):
        stage.run(FULL, Workspace(tmp_path))


def test_a_codec_survives_its_file(codec: Codec, spoken: torch.Tensor, tmp_path: Path) -> None:
    save_codec(codec, codec.state_dict(), tmp_path / "codec.pt")
    with torch.no_grad():
        assert torch.equal(
            load_codec(tmp_path / "codec.pt").decode(spoken, VOICE), codec.decode(spoken, VOICE)
        )


def test_entropy_of_even_counts_is_the_logarithm_of_their_number() -> None:
    assert entropy_bits(np.array([5, 5, 0, 5, 5])) == pytest.approx(2.0)
