"""The decoder graph against PyTorch, and the pack's manifest, on small random weights."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from synthetic_speech import write_speech

import export.stage as stage
from codec.model import Codec, save_codec
from export.agreement import GraphDecoder, features_behind, graph_divergence, model_logits, model_states
from export.decoder_graph import write_decoder_graph
from export.manifest import entry, speaking_rate, teachers
from groups.tables import model_rows, stored
from layout import CODEBOOK, EMBEDDINGS
from lm.corpus import Corpus, Document
from lm.draft import extracted
from lm.model import SpeechLM, baked, save_model
from recipe import TINY, Decoder
from voices import VOICES
from workspace import Workspace

SMALL = Decoder(layers=3, width=128, heads=2, kv_heads=1, feed_forward=192, dropout=0.1)
MAX_LENGTH = 64


@pytest.fixture(scope="module")
def model() -> SpeechLM:
    torch.manual_seed(1)
    model = SpeechLM(SMALL).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # Norms that are not 1, and logits that differ.
            parameter.mul_(1 + 0.2 * torch.randn_like(parameter))
        model.head.weight.mul_(3)
    return model


@pytest.fixture(scope="module")
def graph_file(model: SpeechLM, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graph") / "decoder.onnx"
    write_decoder_graph(model, MAX_LENGTH, path)
    return path


@pytest.fixture(scope="module")
def tokens() -> np.ndarray:
    return np.random.default_rng(0).integers(0, EMBEDDINGS, 40)


def divergence(ours: np.ndarray, theirs: np.ndarray) -> float:
    p, q = (torch.log_softmax(torch.from_numpy(logits), -1) for logits in (ours, theirs))
    return (p.exp() * (p - q)).sum(-1).mean().item()


def test_graph_in_full_precision_is_the_model(
    model: SpeechLM, graph_file: Path, tokens: np.ndarray, tmp_path: Path
) -> None:
    """But for activations in 8 bits, which only make it faster, the two are one."""
    graph = onnx.load(graph_file)
    for node in graph.graph.node:
        for attribute in node.attribute:
            if attribute.name == "accuracy_level":
                attribute.i = 1
    onnx.save(graph, tmp_path / "exact.onnx")
    ours = GraphDecoder(tmp_path / "exact.onnx", model, MAX_LENGTH).forward(tokens)
    np.testing.assert_allclose(ours, model_logits(baked(model), tokens).numpy(), atol=2e-3)


def test_graph_as_shipped_is_near_the_model(model: SpeechLM, graph_file: Path, tokens: np.ndarray) -> None:
    ours = GraphDecoder(graph_file, model, MAX_LENGTH).forward(tokens)
    assert divergence(model_logits(baked(model), tokens).numpy(), ours) < 2e-3
    assert divergence(model_logits(model, tokens).numpy(), ours) > 2e-3


def test_blocks_and_rollbacks_are_single_steps(model: SpeechLM, graph_file: Path, tokens: np.ndarray) -> None:
    stepped = GraphDecoder(graph_file, model, MAX_LENGTH)
    expected = np.concatenate([stepped.forward(tokens[i : i + 1]) for i in range(len(tokens))])
    graph = GraphDecoder(graph_file, model, MAX_LENGTH)
    assert divergence(expected[:20], graph.forward(tokens[:20])) < 1e-4
    graph.forward(tokens[::-1][:8].copy())
    for length, block in ((20, 2), (22, 4), (26, 8), (13, 16)):
        graph.length = length
        assert (
            divergence(expected[length : length + block], graph.forward(tokens[length : length + block]))
            < 1e-4
        )


def test_cache_can_be_filled_to_its_end(model: SpeechLM, graph_file: Path) -> None:
    tokens = np.random.default_rng(1).integers(0, CODEBOOK, MAX_LENGTH)
    graph = GraphDecoder(graph_file, model, MAX_LENGTH)
    first = graph.forward(tokens[:-3])
    logits = np.concatenate([first, graph.forward(tokens[-3:])])
    assert divergence(model_logits(baked(model), tokens).numpy(), logits) < 2e-3


def test_graph_has_the_names_and_shapes_that_the_app_asks_for(graph_file: Path) -> None:
    graph = onnx.load(graph_file).graph

    def shapes(values: object) -> dict[str, list]:
        return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}

    cache = [1, 1, "positions", 64]
    layers = range(SMALL.layers)
    past = {f"past_{kind}.{i}": cache for i in layers for kind in ("key", "value")}
    lengths = {"seqlens_k": [1], "total_sequence_length": []}
    assert shapes(graph.input) == {"input_ids": [1, "S"], **lengths, **past}
    present = {name.replace("past", "present"): cache for name in past}
    assert shapes(graph.output) == {"logits": [1, "S", 4097], "hidden": [1, "S", 128], **present}


def test_graph_of_a_draft_reads_the_hidden_states_that_the_target_gives(
    model: SpeechLM, graph_file: Path, tokens: np.ndarray, tmp_path: Path
) -> None:
    target = GraphDecoder(graph_file, model, MAX_LENGTH)
    target.forward(tokens)
    np.testing.assert_allclose(target.hidden, model_states(baked(model), tokens).numpy(), atol=0.1)
    draft = extracted(model, [1, 2])
    write_decoder_graph(draft, MAX_LENGTH, tmp_path / "draft.onnx")
    graph = GraphDecoder(tmp_path / "draft.onnx", draft, MAX_LENGTH)
    features = features_behind(model, tokens)
    whole = graph.forward(tokens, features.numpy())
    assert divergence(model_logits(baked(draft), tokens, features).numpy(), whole) < 2e-3
    assert divergence(model_logits(baked(draft), tokens, features.flip(0)).numpy(), whole) > 2e-2
    graph.length = 0
    steps = [graph.forward(tokens[i : i + 1], features[i : i + 1].numpy()) for i in range(len(tokens))]
    assert divergence(whole, np.concatenate(steps)) < 1e-4
    documents = [Document(tokens[:5].astype(np.int16), np.arange(30, dtype=np.int16))]
    lost = graph_divergence(tmp_path / "draft.onnx", baked(draft), MAX_LENGTH, documents, model)
    assert 0 <= lost["divergence"] < 2e-3


def test_manifest_names_every_teacher_once() -> None:
    named = teachers()
    assert len(named) == len({voice.teacher_name.split(",")[0] for voice in VOICES})
    assert all(any(voice.name in teacher["use"] for teacher in named) for voice in VOICES)


def test_replaced_folder_is_the_new_one_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for folder, name in ((source, "new"), (target, "old")):
        folder.mkdir()
        (folder / name).touch()
    stage.replace_folder(source, target)
    assert [path.name for path in target.iterdir()] == ["new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]


@pytest.fixture
def work(model: SpeechLM, tmp_path: Path) -> Workspace:
    """What the export needs, from random weights."""
    write_speech(tmp_path)
    save_model(model, tmp_path / "target.pt")
    save_model(extracted(model, [2]), tmp_path / "draft-1.pt")
    codec = Codec(TINY.codec, TINY.speech.sample_rate)
    save_codec(codec, codec.state_dict(), tmp_path / "codec.pt")
    np.save(tmp_path / "groups.npy", stored(model_rows(model)["output head"]))
    at = {"theta": 0.4, "mean_size": 3.0, "acceptance": 0.8}
    chosen = {"draft_layers": 1, "rows": "output head", "theta": 0.4, "floor": 0.35, "positions": 9}
    chosen |= {"exact_acceptance": 0.6, "default": at, "tables": {"output head": [at]}}
    (tmp_path / "groups.json").write_text(json.dumps(chosen))
    return Workspace(tmp_path)


def test_speaking_rate_is_that_of_the_speech(work: Workspace) -> None:
    # Two tokens a symbol, and none for the spaces between sentences.
    per_symbol, per_piece = speaking_rate(Corpus(TINY, work, "validation"))
    assert per_symbol == pytest.approx(2, abs=0.1) and per_piece < 3


def test_divergence_of_a_graph_counts_what_rounding_costs(
    model: SpeechLM, graph_file: Path, work: Workspace
) -> None:
    documents = [d for d in Corpus(TINY, work, "validation").sentences(np.random.default_rng(0))]
    documents = [d for d in documents if d.positions <= MAX_LENGTH][:4]
    lost = graph_divergence(graph_file, model, MAX_LENGTH, documents)
    rounded = graph_divergence(graph_file, baked(model), MAX_LENGTH, documents)
    assert 0 <= rounded["divergence"] < 2e-3 < lost["divergence"]


@pytest.mark.skipif(
    shutil.which("npm") is None or not (stage.ROOT / "node_modules").exists(),
    reason="the app's packages are not installed",
)
def test_app_builds_the_neighbours_of_an_exported_pack(work: Workspace) -> None:
    stage.run(TINY, work)
    folder, rows = work.root / "pack", np.load(work.root / "groups.npy")
    described = json.loads((folder / "pack.json").read_text())
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(described["files"]) == files - {"pack.json"}
    assert described["files"] == {name: entry(folder / name) for name in described["files"]}
    # The app, which checked the manifest, put the rows' hash in.
    assert described["neighbours"]["madeFrom"]["sha256"] == hashlib.sha256(rows.tobytes()).hexdigest()
