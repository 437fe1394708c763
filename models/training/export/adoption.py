"""A pack's own graphs as the beginning of another training: `adopted/codec.pt` and `adopted/target.pt`, and beside
them a reading of the speech that they were made of.

Work folders are thrown away, and a machine with a GPU is had for half an hour; a pack stays. What its graphs
hold is all that is needed to go on: the numbers rounded as they are stored.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

import layout
from codec.model import Codec, ConvNeXtBlock, save_codec
from export.codec_graph import BITS as CODEC_BITS
from export.codec_graph import outlet_order
from lm.model import EMBEDDING_BITS, SpeechLM, save_model
from lm.quantise import unpack
from recipe import Recipe
from voices import VOICES
from workspace import (
    ADOPTED_CODEC,
    ADOPTED_CURVES,
    ADOPTED_HOURS,
    ADOPTED_TARGET,
    ADOPTED_TOKENS,
    MissingInput,
    Refused,
    Workspace,
)


def adopt(recipe: Recipe, workspace: Workspace, pack: Path) -> None:
    """Takes the codec and the target of a pack; the encoder's graph lies beside its folder. A reading of the speech
    that they were made of, which came home with them, is kept beside them.

    Raises MissingInput where a file is missing and Refused where the pack has other voices, ids or sizes.
    """
    described = json.loads(_need(pack / "pack.json").read_text(encoding="utf-8"))
    ours = [voice.name for voice in VOICES], layout.VOCABULARY, layout.EMBEDDINGS
    tokens = described["tokens"]
    theirs = (
        [voice["name"] for voice in described["voices"]],
        tokens["vocabularySize"],
        tokens["embeddingRows"],
    )
    if ours != theirs:
        raise Refused(f"{pack} was not made by this recipe: it has other voices or tokens.")
    try:
        target = decoder_of(Weights(_need(pack / "target.onnx")), recipe)
        codec = codec_of(
            Weights(_need(pack / "codec_decoder.onnx")),
            Weights(_need(pack.with_name("codec_encoder.onnx"))),
            recipe,
        )
    except (KeyError, RuntimeError, ValueError) as error:
        raise Refused(f"{pack} was not made by this recipe: its models have other sizes.") from error
    workspace.write(ADOPTED_TARGET, lambda path: save_model(target, path))
    workspace.write(ADOPTED_CODEC, lambda path: save_codec(codec, codec.state_dict(), path))
    curves = Path(ADOPTED_CURVES)
    for plot in sorted((pack / "report").glob(curves.name)):
        shutil.copyfile(plot, workspace.path(str(curves.with_name(plot.name))))
    reading = workspace.root / "tokens-0.npz"
    hours = hours_behind(pack, kept=reading.exists())
    workspace.write(ADOPTED_HOURS, lambda path: path.write_text(json.dumps(hours) + "\n"))
    if reading.exists():
        earlier = len(list(workspace.root.glob(ADOPTED_TOKENS)))
        reading.rename(workspace.path(ADOPTED_TOKENS.replace("*", str(earlier))))


def hours_behind(pack: Path, kept: bool) -> float:
    """Hours of speech that a pack's target learned from, by the pack's report; 0 without one. Where the tokens of
    its last training are kept, those before it alone."""
    report = pack / "report.json"
    corpus = json.loads(report.read_text(encoding="utf-8"))["corpus"] if report.exists() else {}
    return corpus.get("hoursBefore", 0) + (0 if kept else corpus.get("hours", 0))


def _need(path: Path) -> Path:
    if not path.exists():
        raise MissingInput(f"{path} is missing: give the folder of a pack that `export` wrote.")
    return path


class Weights:
    """The numbers of a graph by the names that its writer gave them."""

    def __init__(self, path: Path):
        initialisers = onnx.load(path).graph.initializer
        self._values = {tensor.name: numpy_helper.to_array(tensor) for tensor in initialisers}

    def __getitem__(self, name: str) -> Tensor:
        """float32; stored in single or half precision. Raises KeyError."""
        values = self._values[name] if name in self._values else self._values[f"{name}.half"]
        return torch.from_numpy(np.array(values)).float()

    def matrix(self, name: str, bits: int) -> Tensor:
        """float32 [N, K], from blocks."""
        return unpack(self._values[f"{name}.levels"], self._values[f"{name}.scales.half"], bits)

    def put(self, parameters: torch.nn.Module, name: str) -> None:
        """Fills a module whose parameters are stored as they are."""
        parameters.load_state_dict({own: self[f"{name}.{own}"] for own in parameters.state_dict()})


@torch.no_grad()
def decoder_of(weights: Weights, recipe: Recipe) -> SpeechLM:
    """The target that `write_decoder_graph` wrote, its numbers rounded as they are stored."""
    model = SpeechLM(recipe.target)
    _fill(model.embedding.weight, weights.matrix("embedding", EMBEDDING_BITS))
    for index, layer in enumerate(model.layers):
        prefix = f"layers.{index}"
        attention, feed_forward = layer.attention_inputs, layer.feed_forward
        _fill(attention.norm.weight, weights[f"{prefix}.attention_norm"])
        _fill(feed_forward.norm.weight, weights[f"{prefix}.feed_forward_norm"])
        for name, matrix in {
            "qkv": attention.qkv,
            "output": feed_forward.output,
            "gate_up": feed_forward.gate_up,
            "down": feed_forward.down,
        }.items():
            _fill(matrix.weight, weights.matrix(f"{prefix}.{name}", matrix.bits))
    _fill(model.norm.weight, weights["norm"])
    _fill(model.head.weight, weights.matrix("head", model.head.bits))
    return model.eval()


@torch.no_grad()
def codec_of(decoder: Weights, encoder: Weights, recipe: Recipe) -> Codec:
    """The codec that `write_codec_decoder` and `write_codec_encoder` wrote."""
    codec = Codec(recipe.codec, recipe.speech.sample_rate)
    own = codec.decoder
    for name in ("inlet", "norm", "split_norm", "outlet_norm"):
        decoder.put(getattr(own, name), name)
    for kind, blocks in (("blocks", own.blocks), ("fine_blocks", own.fine_blocks)):
        for index, block in enumerate(blocks):
            _fill_block(block, decoder, f"{kind}.{index}")
    _fill(own.split.weight, decoder.matrix("split", CODEC_BITS))
    _fill(own.split.bias, decoder["split.bias"])
    order, inside = outlet_order(recipe.codec.window)
    bins = recipe.codec.window // 2 + 1
    stored = decoder.matrix("outlet", CODEC_BITS).unflatten(0, (2, -1))
    biases = decoder["outlet.bias"].unflatten(0, (2, -1))
    own.outlet.weight.view(2, bins, -1)[:, order[inside]] = stored[:, inside]
    own.outlet.bias.view(2, bins)[:, order[inside]] = biases[:, inside]

    hears = codec.encoder
    for name in ("inlet", "norm"):
        encoder.put(getattr(hears, name), name)
    for index, block in enumerate(hears.blocks):
        _fill_block(block, encoder, f"blocks.{index}")
    _fill(hears.outlet.weight, encoder["outlet.weight"].T)
    _fill(hears.outlet.bias, encoder["outlet.bias"] - codec.quantiser.shift)
    return codec.eval()


def _fill_block(block: ConvNeXtBlock, weights: Weights, name: str) -> None:
    width, kernel = len(block.bias), len(block.taps)
    _fill(block.taps, weights[f"{name}.taps"].view(width, kernel).T)
    _fill(block.bias, weights[f"{name}.bias"])
    weights.put(block.norm, f"{name}.norm")
    _fill(block.widen.weight, weights.matrix(f"{name}.widen", CODEC_BITS))
    _fill(block.widen.bias, weights[f"{name}.widen.bias"])
    # The graph holds the product of matrix and scale: a matrix as large as it began learns as it did.
    product = weights.matrix(f"{name}.narrow", CODEC_BITS)
    usual = (3 * product.shape[1]) ** -0.5
    scale = (product.square().mean(1).sqrt() / usual).clamp(min=1e-6)
    _fill(block.scale, scale)
    _fill(block.narrow.weight, product / scale[:, None])
    _fill(block.narrow.bias, weights[f"{name}.narrow.bias"] / scale)


def _fill(parameter: Tensor, values: Tensor) -> None:
    """Raises ValueError for another shape: copying alone would repeat values to fit."""
    if parameter.shape != values.shape:
        raise ValueError(f"{tuple(values.shape)} in place of {tuple(parameter.shape)}")
    parameter.copy_(values)
