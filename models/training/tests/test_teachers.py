import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from alignment import STEP, Track
from recipe import FULL
from teachers import delivery, kokoro_weights
from teachers.finish import CUT_SIDE, LEVEL, SAMPLE_RATE, FailedTake, Finished, finish
from teachers.kokoro_model import modulated_snake
from teachers.kokoro_teacher import batches_of_equal_length, varied
from teachers.phonemes import sentence
from teachers.plan import Sentence, Shard, Take, plan, shards
from teachers.stage import Run, write_takes
from telemetry_free import onnxruntime
from voices import VOICES
from workspace import Workspace


def words(*spoken: str) -> list:
    """`words("the/DH AH0", "egg/EH1 G", ".")` as the texts file has them."""
    items: list = []
    for word in spoken:
        if "/" not in word:
            items.append(word)
            continue
        letters, phones = word.split("/")
        if items and items[-1] != " ":
            items.append(" ")
        items.append([letters, phones.split(), True])
    return items


@pytest.mark.parametrize(
    ("items", "accent", "ipa"),
    [
        (words("water/W AO1 T ER0", "."), "american", "wˈɔɾəɹ."),
        (words("water/W AO1 T ER0", "."), "british", "wˈɔːtə."),
        (words("dog/D AO1 G", ".")[:1], "british", "dˈɒɡ"),
        (words("ask/AE1 S K", ".")[:1], "british", "ˈɑːsk"),
        (words("very/V EH1 R IY0", ".")[:1], "british", "vˈɛɹi"),
        (words("new/N UW1", ".")[:1], "british", "njˈuː"),
        (words("little/L IH1 T AH0 L", ".")[:1], "american", "lˈɪɾᵊl"),
        (words("wanted/W AA1 N T IH0 D", ".")[:1], "american", "wˈɑntᵻd"),
        (words("the/DH AH0", "egg/EH1 G", "?"), "american", "ði ˈɛɡ?"),
        (words("the/DH AH0", "man/M AE1 N", "!"), "american", "ðə mˈæn!"),
        (words("go/G OW1", "to/T UW1", "it/IH1 T", ","), "american", "ɡˈO tʊ ˌɪt,"),
    ],
)
def test_ipa_is_that_of_the_teacher_s_dictionary(items, accent, ipa):
    assert sentence(items, accent) == ipa


def test_spaced_dash_is_a_pause_and_a_hyphen_none():
    assert sentence(words("go/G OW1", " ", "-", "go/G OW1", "."), "american") == "ɡˈO — ɡˈO."
    hyphened = [["go", ["G", "OW1"], True], "-", ["go", ["G", "OW1"], True], "."]
    assert sentence(hyphened, "american") == "ɡˈOɡˈO."


def text(number: int, split: str = "train", length: int = 12) -> Sentence:
    return Sentence(number, split, [["word", ["W", "ER1", "D"], True], " "] * length + ["."])


SENTENCES = [text(i, length=3 + i % 20) for i in range(300)] + [
    text(1000 + i, split) for i, split in enumerate(["validation", "test", "harvard"] * 2)
]


def test_plan_repeats_itself_and_spreads_hours_over_voices():
    speech = replace(FULL.speech, hours=1.0)
    takes = plan(SENTENCES, len(VOICES), speech)
    assert takes == plan(SENTENCES, len(VOICES), speech)
    seconds = Counter()
    for take in takes:
        seconds[take.voice] += take.seconds
    assert sum(seconds.values()) == pytest.approx(3600, rel=0.02)
    assert max(seconds.values()) < 1.2 * min(seconds.values())


def test_plan_gives_held_out_sentences_to_every_voice_alone():
    takes = plan(SENTENCES, len(VOICES), replace(FULL.speech, hours=3.0))
    held_out = [take for take in takes if any(s.split != "train" for s in take.sentences)]
    assert all(len(take.sentences) == 1 for take in held_out)
    assert Counter(take.sentences[0].id for take in held_out) == {1000 + i: len(VOICES) for i in range(6)}
    assert takes[: len(held_out)] == held_out


def test_plan_has_paragraphs_and_single_sentences():
    takes = plan(SENTENCES, len(VOICES), replace(FULL.speech, hours=1.0))
    assert sum(len(take.sentences) == 1 for take in takes) > 0.15 * len(takes)
    assert sum(len(take.sentences) > 1 for take in takes) > 0.3 * len(takes)
    assert all(
        len(take.sentences) == 1 or sum(s.symbols for s in take.sentences) <= FULL.speech.paragraph_symbols
        for take in takes
    )


def test_shards_hold_every_take_once():
    takes = plan(SENTENCES, len(VOICES), replace(FULL.speech, hours=0.3))
    cut = shards(takes, 100.0)
    assert [take for shard in cut for take in shard.takes] == takes
    assert [shard.number for shard in cut] == list(range(len(cut)))


def test_frames_keep_the_mean_and_stretch_pauses():
    speech = replace(FULL.speech, tempo=(1.0, 1.0))
    predicted = np.full(4000, 3.4)
    whole = delivery.frames(np.random.default_rng(1), predicted, [], speech)
    assert whole.mean() == pytest.approx(3.4, rel=0.02)
    short = delivery.frames(np.random.default_rng(1), predicted[:20], [(7, 9)], speech)
    assert short[7:9].sum() >= delivery.PAUSE


def test_frames_never_shorten_the_start_of_a_sentence():
    predicted = np.full(30, 2.3)
    for seed in range(20):
        whole = delivery.frames(np.random.default_rng(seed), predicted, [(10, 12)], FULL.speech)
        assert (whole[: delivery.ONSET] >= 3).all()
        assert (whole[12 : 12 + delivery.ONSET] >= 3).all()
        assert (whole >= 1).all()


def test_varied_pitch_leaves_unvoiced_parts():
    pitch = torch.tensor([[0.0, 100.0, 200.0, 3.0]])
    moved = varied(pitch, torch.ones(1, 1), torch.full((1, 4), 1.5))
    assert moved.tolist() == [[0.0, pytest.approx(150.0), pytest.approx(300.0), 3.0]]


def tone(seconds: float, amplitude: float = 0.3) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)


def test_finish_cuts_in_the_middle_of_the_pause_and_trims_the_ends():
    sound = np.concatenate([silence(0.7), tone(1.0), silence(0.4), tone(1.0), silence(1.0)])
    window = (int(1.6 * SAMPLE_RATE), int(2.2 * SAMPLE_RATE))
    take = finish(sound, [window], 2.4, np.random.default_rng(0))
    first, cut, last = take.cuts
    assert (first, last) == (0, len(take.sound))
    heard = np.flatnonzero(np.abs(take.sound) > 300)
    assert 0.055 < heard[0] / SAMPLE_RATE < 0.125
    assert 0.115 < (last - heard[-1]) / SAMPLE_RATE < 0.205
    before, after = heard[heard < cut][-1], heard[heard > cut][0]
    assert cut - before == pytest.approx(0.2 * SAMPLE_RATE, abs=240)
    assert after - cut == pytest.approx(0.2 * SAMPLE_RATE, abs=240)
    middle = take.sound[int(0.3 * SAMPLE_RATE) : int(0.9 * SAMPLE_RATE)] / 32767
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(LEVEL, rel=0.02)


@pytest.mark.parametrize(
    ("sound", "windows", "reason"),
    [
        (silence(2.0), [], "silence"),
        (tone(2.0) * np.nan, [], "no sound"),
        (tone(2.0, 4.0), [], "clipping"),
        (tone(9.0), [], "length"),
        (np.concatenate([tone(1.0), silence(1.8), tone(1.0)]), [], "pause"),
        (tone(2.0), [(20_000, 30_000)], "no cut"),
        (np.concatenate([tone(1.0), silence(CUT_SIDE), tone(1.0)]), [(20_000, 30_000)], "no cut"),
    ],
)
def test_finish_refuses_broken_takes(sound, windows, reason):
    with pytest.raises(FailedTake, match=reason):
        finish(sound, windows, 2.0, np.random.default_rng(0))


def test_batches_hold_every_text_once_and_texts_of_about_equal_length():
    lengths = np.random.default_rng(3).integers(20, 700, size=500)
    batches = list(batches_of_equal_length(lengths, 16_000))
    assert sorted(np.concatenate([batch for batch, _ in batches])) == list(range(500))
    for batch, frames in batches:
        assert lengths[batch].max() <= frames <= max(lengths[batch].min() + 8, 1.08 * lengths[batch].min())
        assert frames * len(batch) <= 16_000


def test_batches_come_in_few_shapes():
    rng = np.random.default_rng(3)
    shards_lengths = [rng.integers(20, 700, size=500) for _ in range(20)]
    shapes = {
        (len(batch), frames)
        for lengths in shards_lengths
        for batch, frames in batches_of_equal_length(lengths, 8_000)
    }
    assert len(shapes) < 250


def test_modulated_snake_is_instance_norm_and_snake():
    generator = torch.Generator().manual_seed(0)
    x, gamma, beta = (torch.randn(2, 8, n, generator=generator) for n in (50, 1, 1))
    alpha = torch.rand(1, 8, 1, generator=generator) + 0.5
    y = (1 + gamma) * nn.functional.instance_norm(x) + beta
    expected = y + (1 / alpha) * torch.sin(alpha * y) ** 2
    torch.testing.assert_close(modulated_snake(x, gamma, beta, alpha), expected, rtol=1e-4, atol=1e-5)


def test_lstm_weights_compute_what_onnx_computes():
    rng = np.random.default_rng(4)
    size, hidden, steps = 6, 5, 7
    initialisers = {
        "W": rng.integers(-9, 9, size=(2, size, 4 * hidden), dtype=np.int8),
        "R": rng.integers(-9, 9, size=(2, hidden, 4 * hidden), dtype=np.int8),
        "B": rng.standard_normal((2, 8 * hidden)).astype(np.float32),
        "Ws": np.array([0.05, 0.07], dtype=np.float32),
        "Rs": np.array([0.04, 0.06], dtype=np.float32),
        "z": np.array([1, -2], dtype=np.int8),
    }
    inputs = ["X", "W", "R", "B", "", "", "", "", "Ws", "z", "Rs", "z"]
    fields = kokoro_weights.lstm_weights("lstm", inputs, initialisers)
    state = {
        name.removeprefix("lstm."): torch.from_numpy(
            (f["codes"].astype(np.float32) - f["zero"]) * f["scale"] if "codes" in f else f["values"]
        ).float()
        for name, f in fields.items()
    }
    lstm = nn.LSTM(size, hidden, bidirectional=True)
    lstm.load_state_dict(state)

    def values(codes: str, scale: str) -> np.ndarray:
        zero = initialisers["z"].astype(np.float32)[:, None, None]
        product = (initialisers[codes].astype(np.float32) - zero) * initialisers[scale][:, None, None]
        return product.transpose(0, 2, 1)

    constants = {"W": values("W", "Ws"), "R": values("R", "Rs"), "B": initialisers["B"]}
    node = helper.make_node(
        "LSTM", ["X", "W", "R", "B"], ["Y"], direction="bidirectional", hidden_size=hidden
    )
    graph = helper.make_graph(
        [node],
        "lstm",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [steps, 1, size])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, [steps, 2, 1, hidden])],
        [numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    x = rng.standard_normal((steps, 1, size)).astype(np.float32)
    expected = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"X": x})[0]
    with torch.no_grad():
        got = lstm(torch.from_numpy(x))[0].reshape(steps, 1, 2, hidden).transpose(1, 2)
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_module_paths_are_those_of_the_modules():
    paths = {
        "/encoder/F0.0/conv1/Conv_quant": "predictor.F0.0.conv1",
        "/encoder/shared/LSTM_quant": "predictor.shared",
        "/encoder/text_encoder/cnn.0/cnn.0.0/Conv_quant": "text_encoder.cnn.0.0",
        "/encoder/predictor/text_encoder/lstms.1/fc/Gemm_MatMul_quant": "predictor.text_encoder.lstms.1.fc",
        "/decoder/decoder/asr_res/asr_res.0/Conv_quant": "decoder.asr_res.0",
        "/decoder/decoder/generator/ups.0/ConvTranspose": "decoder.generator.ups.0",
    }
    assert {name: kokoro_weights.module_path(name) for name in paths} == paths


def test_index_lists_whole_shards_and_resumes_behind_them(tmp_path, capsys):
    speech = replace(FULL.speech, hours=0.02)
    takes = plan(SENTENCES, len(VOICES), speech)
    workspace = Workspace(tmp_path)
    run = Run(speech, workspace, takes)
    shard = run.shards[0]
    results = [
        (
            take,
            FailedTake("no cut")
            if position == 1
            else Finished(np.full(100 + position, 7, np.int16), [0, 100], 0),
            np.full(9, 1 + position % 90, np.uint8),
        )
        for position, take in enumerate(shard.takes)
    ]
    run.record(*write_takes(shard, results, tmp_path))
    index = tmp_path / "speech/index.jsonl"
    entries = [json.loads(line) for line in index.read_text().splitlines()]
    sound = np.load(tmp_path / f"speech/{shard.number:04d}.npy")
    kept = [take for position, take in enumerate(shard.takes) if position != 1]
    assert [entry["texts"] for entry in entries] == [[s.id for s in take.sentences] for take in kept]
    assert [entry["voice"] for entry in entries] == [take.voice for take in kept]
    assert entries[-1]["start"] + entries[-1]["length"] == len(sound)
    said = np.load(tmp_path / f"speech/{shard.number:04d}-symbols.npy")
    places = np.arange(len(said)) * STEP + STEP // 2
    by_start = np.searchsorted([entry["start"] for entry in entries], places, "right") - 1
    numbers = [1 + position % 90 for position in range(len(shard.takes)) if position != 1]
    assert len(said) == (len(sound) + STEP // 2) // STEP
    assert said.tolist() == [numbers[entry] for entry in by_start]

    with index.open("a") as lines:
        lines.write('{"shard": 1, "sta')
    again = Run(speech, workspace, takes)
    assert [s.number for s in again.shards] == [s.number for s in run.shards[1:]]
    assert again.seconds == run.seconds
    assert len(index.read_text().splitlines()) == len(entries)


def test_symbols_follow_the_trimmed_sound():
    track = Track(10 * STEP)
    # Frames of 600 samples; the take shows what lies behind sample 300, after a step that is no part of it.
    track.lay(STEP, 8 * STEP, np.array([7, 8, 9], np.uint8), 600, 300)
    middles = [300 + step * STEP + STEP // 2 for step in range(8)]
    wanted = [0, *([7, 8, 9, 0, 0][middle // 600] for middle in middles), 0]
    assert track.symbols.tolist() == wanted
    early = Track(4 * STEP)
    early.lay(0, 4 * STEP, np.array([5], np.uint8), 600, -STEP)
    assert early.symbols.tolist() == [0, 5, 5, 0]


def test_shard_without_a_usable_take_leaves_no_file(tmp_path):
    shard = Shard(3, (Take(1, 0, (text(1),)),))
    lines, report = write_takes(
        shard, [(shard.takes[0], FailedTake("silence"), np.zeros(0, np.uint8))], tmp_path
    )
    assert lines == []
    assert report.failed == {"silence": 1}
    assert not (tmp_path / "speech/0003.npy").exists()
