"""The speech language model on small random weights: its numbers, its data, its decoding, its stages."""

import itertools
import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from synthetic_speech import write_speech
from torch._dynamo.testing import CompileCounter
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

from layout import CODEBOOK, END, START, SYMBOL_ID, VOCABULARY, VOICE_BASE
from lm import draft, samples, target
from lm.acceptance import acceptance
from lm.attention import PackedAttention, dense_attention
from lm.corpus import Corpus, Document
from lm.features import drafted, features_of
from lm.generate import BatchedDecoder, Speaker
from lm.model import SpeechLM, baked, copy_of, load_model, save_model
from lm.optimiser import Muon, optimisers_for, orthogonalised, schedule
from lm.packing import EMPTY, NO_TARGET, Batch, batches, fill_rows, packed
from lm.quantise import BLOCK, pack, quantise, rounded, rounded_weights
from lm.run import TrainingRun
from lm.target import MOST_DIVERGENCE, TargetStep
from recipe import FULL, TINY, Decoder, Training
from workspace import MissingInput, Workspace

SMALL = Decoder(layers=2, width=64, heads=2, kv_heads=1, feed_forward=64, dropout=0.0)


@pytest.fixture(scope="module")
def model() -> SpeechLM:
    torch.manual_seed(1)
    return SpeechLM(SMALL).eval()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("work")
    write_speech(root)
    return Workspace(root)


def document(prompt: int, codes: int, seed: int = 0) -> Document:
    random = np.random.default_rng(seed)
    symbols = random.integers(4112, 4200, prompt - 2).astype(np.int16)
    behind = np.array([VOICE_BASE, START], np.int16)
    return Document(np.concatenate([symbols, behind]), random.integers(0, CODEBOOK, codes).astype(np.int16))


@torch.no_grad()
def logits_alone(model: SpeechLM, tokens: np.ndarray) -> torch.Tensor:
    row = torch.from_numpy(tokens.astype(np.int64))[None]
    return model.logits(model(row, dense_attention(torch.zeros_like(row)))[0])


def training_step() -> tuple[TargetStep, Batch]:
    """A small model about to be trained, and a batch of two documents."""
    torch.manual_seed(0)
    step = TargetStep(SpeechLM(SMALL).train(), TINY.target_training, torch.device("cpu"))
    return step, packed([[document(6, 50, 1)], [document(9, 40, 2)]], 64)


class TestQuantising:
    @pytest.mark.parametrize("bits", [4, 8])
    def test_bytes_and_scales_are_what_the_training_rounds_to(self, bits: int) -> None:
        torch.manual_seed(0)
        weight = torch.randn(5, 3 * BLOCK) * torch.logspace(-3, 1, 5)[:, None]
        weight[2, :BLOCK] = 0
        stored, scales = pack(weight, bits)
        assert stored.dtype == np.uint8 and scales.dtype == np.float16
        levels = np.stack([stored & 15, stored >> 4], -1).reshape(5, 3, BLOCK) if bits == 4 else stored
        unpacked = (levels.astype(np.float32) - 2 ** (bits - 1)) * scales.reshape(5, 3, 1).astype(np.float32)
        assert np.array_equal(unpacked.reshape(5, -1), rounded(weight, bits).numpy())

    @pytest.mark.parametrize(("bits", "largest"), [(4, 0.5 / 8), (8, 0.5 / 128)])
    def test_error_is_half_a_step_but_at_the_far_end(self, bits: int, largest: float) -> None:
        weight = torch.rand(4, BLOCK) - 0.5
        weight[:, 0] = -0.5
        inner = weight.abs() < 0.5 * (1 - 1.5 * 2 ** (1 - bits))
        assert ((rounded(weight, bits) - weight).abs()[inner] <= 0.5 * largest * 1.01).all()

    def test_weights_are_rounded_for_a_while_each_to_its_bits(self) -> None:
        torch.manual_seed(0)
        shapes = ((3, 32, 4), (5, 64, 4), (2, 32, 8), (7, 32, 4))
        weights = [(torch.nn.Parameter(torch.randn(n, k)), bits) for n, k, bits in shapes]
        exact = [weight.detach().clone() for weight, _ in weights]
        with pytest.raises(KeyboardInterrupt), rounded_weights(weights):
            assert all(torch.equal(w, rounded(e, b)) for (w, b), e in zip(weights, exact, strict=True))
            raise KeyboardInterrupt
        assert all(torch.equal(w, e) for (w, _), e in zip(weights, exact, strict=True))

    def test_gradients_are_those_at_the_rounded_weights(self) -> None:
        step, batch = training_step()
        graph = TargetStep(baked(step.model).train(), TINY.target_training, torch.device("cpu"))
        assert step.backward(batch, quantised=True) == graph.backward(batch)
        for ours, expected in zip(step.model.parameters(), graph.model.parameters(), strict=True):
            assert torch.equal(ours.grad, expected.grad)

    def test_model_compiled_once_serves_exact_and_rounded_weights(self) -> None:
        step, batch = training_step()
        plain = TargetStep(copy_of(step.model).train(), TINY.target_training, torch.device("cpu"))
        compilations = CompileCounter()
        for layer in step.model.layers:
            layer.attention_inputs.compile(backend=compilations, dynamic=False)
            layer.feed_forward.compile(backend=compilations, dynamic=False)
        step.loss = torch.compile(step._loss, backend=compilations, dynamic=False)
        step.backward(batch)
        step.model.zero_grad()
        compiled = compilations.frame_count
        assert compiled > 0
        for quantised in (False, True, True, False):
            for each in (step, plain):
                optimisers = optimisers_for(each.model, 1e-2, 0.0)
                each(batch, optimisers, 1e-2, quantised)
        assert compilations.frame_count == compiled
        for ours, expected in zip(step.model.parameters(), plain.model.parameters(), strict=True):
            torch.testing.assert_close(ours, expected, atol=1e-3, rtol=1e-2)

    def test_wrong_gradients_diverge_from_plain_ones(self) -> None:
        step, batch = training_step()
        assert step.divergence(batch, quantised=True) < 1e-4
        step.loss = lambda hidden, targets: step._loss(hidden.detach() + 0 * hidden, targets)
        assert step.divergence(batch, quantised=True) > MOST_DIVERGENCE

    def test_training_goes_on_where_the_rounding_begins(self) -> None:
        step, batch = training_step()
        optimisers = optimisers_for(step.model, 1e-2, 0.0)
        losses = [step(batch, optimisers, 1e-2, quantised).item() for quantised in [False] * 6 + [True] * 12]
        assert losses[5] < losses[0] - 1
        assert max(losses[6:]) < losses[5] and losses[-1] < losses[5] - 1

    def test_widths_that_are_no_multiple_of_a_block_are_refused(self) -> None:
        with pytest.raises(ValueError, match="33"):
            quantise(torch.zeros(1, 33), 4)

    def test_baked_model_computes_as_the_quantised_one(self, model: SpeechLM) -> None:
        tokens = document(6, 9).codes
        with model.quantised():
            expected = logits_alone(model, tokens)
        torch.testing.assert_close(logits_alone(baked(model), tokens), expected)
        assert not torch.allclose(logits_alone(model, tokens), expected, atol=1e-3)


class TestPacking:
    def test_packed_documents_are_as_alone(self, model: SpeechLM) -> None:
        members = [document(5, 20, 1), document(9, 30, 2), document(4, 11, 3)]
        batch = packed([members[:2], members[2:]], 80)
        with torch.no_grad():
            logits = model.logits(model(batch.tokens, dense_attention(batch.documents)))
        assert torch.isfinite(logits).all()
        for row, start, member in ((0, 0, members[0]), (0, 25, members[1]), (1, 0, members[2])):
            tokens = np.concatenate(member)
            alone = logits_alone(model, tokens)
            torch.testing.assert_close(logits[row, start : start + len(tokens)], alone, atol=2e-5, rtol=1e-4)

    def test_targets_are_the_acoustic_tokens_and_the_end(self) -> None:
        prompt, codes = document(5, 7)
        batch = packed([[Document(prompt, codes)]], 20)
        assert batch.targets[0, :4].eq(NO_TARGET).all()
        assert batch.targets[0, 4:12].tolist() == [*codes, END]
        assert batch.targets[0, 12:].eq(NO_TARGET).all()
        assert batch.documents[0].tolist() == [0] * 12 + [EMPTY] * 8

    def test_rows_are_full_and_nothing_is_lost(self) -> None:
        random = np.random.default_rng(0)
        made = [document(6, int(n), int(n)) for n in random.integers(5, 100, 60)]
        filled, left = fill_rows(made, 8, 128)
        assert sorted(map(id, sum(filled, left))) == sorted(map(id, made))
        assert all(sum(member.positions for member in row) <= 128 for row in filled)
        stream = batches((document(6, int(random.integers(5, 100))) for _ in range(10_000)), 8, 128)
        share = np.mean([(next(stream).documents != EMPTY).float().mean() for _ in range(20)])
        assert share > 0.95

    def test_attention_by_blocks_is_that_of_the_mask(self) -> None:
        torch.manual_seed(0)
        documents = (torch.rand(2, 256) < 0.02).cumsum(1).int()
        attention = PackedAttention(2, 256, 4, 2, 16, torch.device("cpu"))
        attention.by_blocks = True
        attention.compiled, attention.block_mask = flex_attention, create_block_mask
        tensors = torch.randn(2, 4, 256, 16), torch.randn(2, 2, 256, 16), torch.randn(2, 2, 256, 16)
        for batch in (documents, documents.flip(0)):
            torch.testing.assert_close(
                attention.of(batch)(0, *tensors), dense_attention(batch)(0, *tensors), atol=1e-5, rtol=1e-4
            )


class TestCorpus:
    def test_epoch_says_all_training_speech(self, work: Workspace) -> None:
        corpus = Corpus(TINY, work, "train")
        documents = list(corpus.epoch(np.random.default_rng(0)))
        said = np.concatenate([d.codes for d in documents])
        assert corpus.frames == len(np.load(work.root / "tokens-0.npz")["codes"])
        assert len(said) >= corpus.frames and set(said) == set(corpus.codes)
        assert max(d.positions for d in documents) <= TINY.trained_length

    def test_utterances_of_another_split_are_left_out(self, work: Workspace, tmp_path: Path) -> None:
        for name in ("texts.jsonl.gz", "tokens-0.npz", "tokens-clean.npz"):
            (tmp_path / name).write_bytes((work.root / name).read_bytes())
        (tmp_path / "tokens-1.npz").write_bytes((work.root / "tokens-clean.npz").read_bytes())
        both = Corpus(TINY, Workspace(tmp_path), "train")
        assert both.frames == Corpus(TINY, work, "train").frames < len(both.codes)

    def test_sentences_have_their_own_codes_voice_and_symbols(self, work: Workspace) -> None:
        corpus = Corpus(TINY, work, "validation")
        stored = dict(np.load(work.root / "tokens-clean.npz"))
        documents = list(corpus.sentences(np.random.default_rng(0)))
        # Three sentences, then all three as one.
        three, whole = documents[:3], documents[3]
        assert np.array_equal(np.concatenate([d.codes for d in three]), whole.codes)
        assert np.array_equal(whole.codes, stored["codes"][: stored["offsets"][1]])
        space = [SYMBOL_ID[" "]]
        symbols = [d.prompt[:-2] for d in three]
        joined = np.concatenate([symbols[0], space, symbols[1], space, symbols[2]])
        assert np.array_equal(whole.prompt[:-2], joined)
        assert whole.prompt[-2:].tolist() == [VOICE_BASE + int(stored["voices"][0]), START]

    def test_known_words_are_spelled_at_will_and_unknown_ones_always(self, work: Workspace) -> None:
        texts = Corpus(TINY, work, "train").texts
        random = np.random.default_rng(0)
        names = {index: symbol for symbol, index in SYMBOL_ID.items()}
        for row in range(5):
            read = "".join(names[i] for i in texts.symbols_of(np.array([row]), 0.0, random))
            spelled = "".join(names[i] for i in texts.symbols_of(np.array([row]), 1.0, random))
            assert spelled == spelled.lower() and set(spelled) <= set("abcdefghijklmnopqrstuvwxyz .")
            assert read != spelled and read.count("zyx") == spelled.count("zyx")

    def test_joined_utterances_reach_the_trained_length_in_one_voice(self, work: Workspace) -> None:
        corpus = Corpus(replace(TINY, trained_length=900), work, "train")
        random = np.random.default_rng(0)
        joined = [corpus.document(corpus._join(u, random), random) for u in corpus.utterances[:20]]
        assert np.mean([d.positions for d in joined]) > 600
        assert max(d.positions for d in joined) < 990

    def test_missing_tokens_name_their_stage(self, work: Workspace, tmp_path: Path) -> None:
        (tmp_path / "texts.jsonl.gz").write_bytes((work.root / "texts.jsonl.gz").read_bytes())
        with pytest.raises(MissingInput, match="training tokens"):
            Corpus(TINY, Workspace(tmp_path), "train")


class TestDecoding:
    def test_steps_blocks_and_rollbacks_are_one_pass(self, model: SpeechLM) -> None:
        tokens = torch.from_numpy(
            np.stack([document(4, 20, seed).codes for seed in range(3)]).astype(np.int64)
        )
        expected = torch.stack([logits_alone(model, row.numpy()) for row in tokens])
        decoder = BatchedDecoder(model, 3, 32)
        close = {"atol": 2e-5, "rtol": 1e-4}
        zeros = torch.zeros(3, dtype=torch.long)

        def logits(fed: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
            given, hidden = decoder.forward(fed, at)
            torch.testing.assert_close(model.logits(hidden), given, **close)
            return given

        torch.testing.assert_close(logits(tokens[:, :8], zeros), expected[:, :8], **close)
        for at in (8, 9, 10):
            torch.testing.assert_close(
                logits(tokens[:, at : at + 1], zeros + at)[:, 0], expected[:, at], **close
            )
        decoder.forward(tokens.flip(1)[:, :6], zeros + 11)
        lengths = torch.tensor([11, 9, 5])
        rows = torch.arange(3)[:, None]
        places = lengths[:, None] + torch.arange(4)
        torch.testing.assert_close(logits(tokens[rows, places], lengths), expected[rows, places], **close)

    def test_a_model_that_reads_features_steps_as_it_passes(self, model: SpeechLM) -> None:
        reader = draft.extracted(model, [1])
        tokens = torch.from_numpy(document(4, 12).codes.astype(np.int64))[None]
        features = torch.randn(1, 12, SMALL.width, generator=torch.Generator().manual_seed(2))
        attention = dense_attention(torch.zeros_like(tokens))
        with torch.no_grad():
            expected = reader(tokens, attention, features=features)
            assert not torch.allclose(
                reader(tokens, attention, features=features.flip(1)), expected, atol=0.1
            )
        decoder = BatchedDecoder(reader, 1, 16)
        at = torch.zeros(1, dtype=torch.long)
        steps = [decoder.forward(tokens[:, i : i + 1], at + i, features[:, i : i + 1])[1] for i in range(12)]
        torch.testing.assert_close(torch.cat(steps, 1), expected, atol=2e-5, rtol=1e-4)

    def test_speaker_serves_more_prompts_than_rows_as_one_at_a_time(self, model: SpeechLM) -> None:
        prompts = [document(n, 1, n).prompt for n in (3, 6, 4, 9, 5)]
        limits = np.array([12, 5, 40, 7, 9])
        cold = np.full(5, 1e-4)
        together = Speaker(model, 2, 64, 1.0, 0).speak(prompts, limits, cold)
        for prompt, limit, take in zip(prompts, limits, together, strict=True):
            (alone,) = Speaker(model, 1, 64, 1.0, 1).speak([prompt], np.array([limit]), cold[:1])
            assert np.array_equal(alone.codes, take.codes) and alone.ended == take.ended
            spoken = np.concatenate([take.codes, [END] * take.ended])
            assert take.ended or len(spoken) == limit
            greedy = logits_alone(model, np.concatenate([prompt, spoken])).argmax(-1).numpy()
            assert np.array_equal(greedy[len(prompt) - 1 : -1], spoken)

    def test_speaker_stops_at_the_end_and_leaves_it_out(
        self, model: SpeechLM, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        weights = torch.zeros(VOCABULARY)
        weights[7], weights[END] = 0.9, 0.1
        monkeypatch.setattr("lm.generate.distribution", lambda logits, _: weights.expand_as(logits))
        takes = Speaker(model, 4, 30, 1.0, 3).speak(
            [document(4, 1).prompt] * 16, np.full(16, 12), np.ones(16)
        )
        assert all(set(take.codes) <= {7} for take in takes)
        assert all(len(take.codes) < 12 if take.ended else len(take.codes) == 12 for take in takes)
        assert len({take.ended for take in takes}) == 2

    def test_prompts_that_do_not_fit_are_refused_and_late_ones_left(self, model: SpeechLM) -> None:
        speaker = Speaker(model, 1, 16, 1.0, 0)
        with pytest.raises(ValueError, match="fit"):
            speaker.speak([document(8, 1).prompt], np.array([9]), np.ones(1))
        late = Speaker(model, 1, 16, 1.0, 0)
        assert late.speak([document(8, 1).prompt], np.array([4]), np.ones(1), seconds=-1) == [None]


class TestOptimising:
    def test_updates_are_orthogonal(self) -> None:
        torch.manual_seed(0)
        for shape in ((2, 24, 64), (2, 64, 24)):
            singular = torch.linalg.svdvals(orthogonalised(torch.randn(shape)).float())
            assert singular.min() > 0.5 and singular.max() < 1.4

    def test_parts_of_a_matrix_are_updated_apart(self) -> None:
        torch.manual_seed(0)
        whole = torch.nn.Parameter(torch.zeros(32, 16))
        halves = [torch.nn.Parameter(torch.zeros(16, 16)) for _ in range(2)]
        whole.grad = torch.randn(32, 16)
        for half, gradient in zip(halves, whole.grad.chunk(2), strict=True):
            half.grad = gradient.clone()
        Muon([{"params": [whole], "parts": 2}], 0.1, 0.0).step()
        Muon([{"params": halves}], 0.1, 0.0).step()
        torch.testing.assert_close(whole.detach(), torch.cat([half.detach() for half in halves]))

    def test_rate_rises_then_falls_to_nothing(self) -> None:
        assert schedule(0, 0.0, 10) == pytest.approx(0.1)
        assert schedule(9, 0.0, 10) == 1.0
        assert schedule(500, 0.5, 10) == pytest.approx(0.5)
        assert schedule(500, 1.0, 10) == 0.0

    def test_run_stopped_by_a_signal_goes_on_where_it_was(self, tmp_path: Path) -> None:
        training = Training(seed=0, seconds=0.5, learning_rate=0.1)
        layer = torch.nn.Linear(2, 2)
        optimiser = torch.optim.AdamW(layer.parameters())

        def start() -> TrainingRun:
            return TrainingRun(Workspace(tmp_path), "test", training, {"model": layer}, {"adamw": optimiser})

        first = start()
        with pytest.raises(SystemExit) as stopped:
            for _ in first.loop():
                layer(torch.ones(1, 2)).sum().backward()
                optimiser.step()
                if first.seconds > 0.1:
                    os.kill(os.getpid(), signal.SIGTERM)
        assert stopped.value.code == 143
        weight = layer.weight.detach().clone()
        torch.nn.init.zeros_(layer.weight)
        second = start()
        assert torch.equal(layer.weight, weight)
        assert second.steps == first.steps and second.seconds == first.seconds and second.starts == 2
        assert sum(1 for _ in second.loop()) > 0 and second.progress == 1
        second.finish()
        assert not (tmp_path / "test.checkpoint").exists()


def test_saved_models_are_what_was_saved(model: SpeechLM, tmp_path: Path) -> None:
    save_model(model, tmp_path / "model.pt")
    tokens = document(5, 5).codes
    assert torch.equal(logits_alone(load_model(tmp_path / "model.pt"), tokens), logits_alone(model, tokens))


def test_acceptance_is_the_common_mass() -> None:
    p, q = torch.tensor([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]]), torch.tensor([[0.0, 0.5, 0.5], [0.2, 0.3, 0.5]])
    assert acceptance(p, q).tolist() == pytest.approx([0.5, 1.0])


class TestFeatures:
    DOCUMENTS = torch.tensor([[0, 0, 0, 1, 1], [0, EMPTY, EMPTY, EMPTY, EMPTY]], dtype=torch.int32)

    def test_features_are_of_the_position_before_in_the_same_document(self) -> None:
        hidden = torch.arange(1.0, 11).view(2, 5, 1)
        features = features_of(hidden, self.DOCUMENTS)
        assert features[..., 0].tolist() == [[0, 1, 2, 0, 4], [0, 0, 7, 8, 9]]

    @torch.no_grad()
    def test_a_draft_reads_as_rounds_have_it(self, model: SpeechLM) -> None:
        """Rounds of three draft tokens, step by step, are what passes come to, and the first round at once."""
        reader = draft.extracted(model, [1])
        tokens = torch.arange(9)[None]
        documents = torch.zeros_like(tokens)
        features = torch.randn(1, 9, SMALL.width, generator=torch.Generator().manual_seed(3))
        own = (torch.arange(9) % 3 > 0)[None]
        given = reader, tokens, dense_attention(documents), documents, features, own
        first, at_once = drafted(*given, 3)
        _, states = drafted(*given, 9)
        torch.testing.assert_close(first, reader(tokens, dense_attention(documents), features=features))
        torch.testing.assert_close(at_once[0, :4], states[0, :4])
        assert (at_once - states).abs().mean() < 0.1 * (first - states).abs().mean()
        decoder = BatchedDecoder(reader, 1, 16)
        read = features[:, :1]
        for at in range(9):
            if at % 3 == 0:
                read = features[:, at : at + 1]
            _, read = decoder.forward(tokens[:, at : at + 1], torch.tensor([at]), read)
            torch.testing.assert_close(read[0, 0], states[0, at], atol=2e-5, rtol=1e-4)
        assert not torch.allclose(first[0, 1], states[0, 1], atol=1e-2)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
@pytest.mark.parametrize("stage", [target, samples, draft])
def test_full_recipe_without_a_gpu_says_so(stage: object, work: Workspace) -> None:
    with pytest.raises(MissingInput, match="CUDA"):
        stage.run(FULL, work)


def test_stages_train_speak_and_teach_the_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As many steps on a slow machine as on a quick one.
    clock = itertools.count(step=1 / 30)
    monkeypatch.setattr("lm.run.time", SimpleNamespace(monotonic=lambda: next(clock)))
    write_speech(tmp_path)
    work = Workspace(tmp_path)
    brief = {"seconds": 2.0, "rows": 2, "row": 256, "warmup": 3}
    recipe = replace(
        TINY,
        target=SMALL,
        target_training=replace(TINY.target_training, **brief, learning_rate=5e-3),
        draft_training=replace(TINY.draft_training, **{**brief, "seconds": 0.5}),
        draft_layers=(1, 2),
        shipped_draft_seconds=0.5,
        samples_hours=0.0005,
        trained_length=256,
    )
    target.run(recipe, work)
    trained = load_model(tmp_path / "target.pt")
    held_out = list(Corpus(recipe, work, "validation").sentences(np.random.default_rng(0)))
    nats = target.nats_a_frame(
        trained, target.held_out_batches(held_out, recipe.target_training), torch.device("cpu")
    )
    assert nats < np.log(VOCABULARY) - 0.2
    samples.run(recipe, work)
    made = np.load(tmp_path / "samples.npz")
    assert END not in made["codes"] and made["held_out"].any() and not made["held_out"].all()
    draft.run(recipe, work)
    taught = load_model(tmp_path / "draft-1.pt").config
    assert taught.layers == 1 and taught.features
    measured = json.loads((tmp_path / "drafts.json").read_text())
    assert measured["tried"].keys() == {"1", "2"} and measured["shipped"].keys() == {"1"}
    # Killed while it taught on, it does not try again.
    (tmp_path / "drafts.json").unlink()
    curve = (tmp_path / "losses-draft-tried.jsonl").read_bytes()
    draft.run(recipe, work)
    assert (tmp_path / "drafts.json").exists()
    assert (tmp_path / "losses-draft-tried.jsonl").read_bytes() == curve
    assert (tmp_path / "losses-target.jsonl").exists() and not (tmp_path / "target.checkpoint").exists()
