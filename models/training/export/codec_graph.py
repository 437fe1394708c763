"""The codec as two ONNX graphs: `tokens` int64 [batch, frames] and `voice` → `audio` float [batch, frames × hop],
and back to tokens.

Both hold their matrices in 8-bit blocks and use operators that the app's providers all run.
"""

from pathlib import Path

import numpy as np
import torch
from onnx import TensorProto, helper
from torch import nn

from codec.mel import SMALLEST_POWER, LogMel
from codec.model import EPSILON, LOG_AMPLITUDE_LIMIT, Codec, ConvNeXtBlock, Decoder, VoiceNorm
from export.decoder_graph import CONTRIB, GraphBuilder
from layout import VOICE_BASE
from lm.quantise import BLOCK, pack

BITS = 8


class CodecGraph(GraphBuilder):
    """What the two graphs share. Tensors are [batch, frames, width] unless a comment says otherwise."""

    def __init__(self, accuracy_level: int):
        super().__init__()
        self.accuracy_level = accuracy_level

    def array(self, name: str, values: torch.Tensor | np.ndarray | list[int]) -> str:
        if isinstance(values, torch.Tensor):
            values = values.detach().float().cpu().numpy()
        return self.constant(name, np.asarray(values))

    def matrix(self, x: str, name: str, weight: torch.Tensor, bias: torch.Tensor) -> str:
        """x [..., K] times the transpose of a weight [N, K], in blocks of 8 bits, plus a bias [N]."""
        levels, scales = pack(weight.detach(), BITS)
        outputs, inputs = weight.shape
        product = self.node(
            "MatMulNBits",
            [x, self.constant(f"{name}.levels", levels), self.half(f"{name}.scales", scales)],
            f"{name}.product",
            domain=CONTRIB,
            K=inputs,
            N=outputs,
            bits=BITS,
            block_size=BLOCK,
            accuracy_level=self.accuracy_level,
        )
        return self.node("Add", [product, self.array(f"{name}.bias", bias)], f"{name}.sum")

    def norm(self, x: str, name: str, norm: nn.LayerNorm | VoiceNorm) -> str:
        weights = [self.array(f"{name}.weight", norm.weight), self.array(f"{name}.bias", norm.bias)]
        if isinstance(norm, VoiceNorm):
            weights = [self.node("Gather", [rows, "speaker"], f"{rows}.own") for rows in weights]
        return self.node("LayerNormalization", [x, *weights], f"{name}.normed", axis=-1, epsilon=EPSILON)

    def convolution(self, channels: str, name: str, convolution: nn.Conv1d, pads: tuple[int, int]) -> str:
        """A dense convolution of [batch, channels, frames], `pads` zero frames before and after."""
        weight = self.half(f"{name}.weight", convolution.weight.detach().cpu().numpy())
        bias = self.array(f"{name}.bias", convolution.bias)
        mixed = self.node(
            "Conv", [channels, weight, bias], f"{name}.mixed", pads=pads, strides=convolution.stride
        )
        return self.node("Transpose", [mixed], f"{name}.frames", perm=[0, 2, 1])

    def block(self, x: str, name: str, block: ConvNeXtBlock) -> str:
        kernel, width = block.taps.shape
        # As an image of one row, for onnxruntime has a fast depthwise convolution for images only.
        row = self.node("Unsqueeze", [x, self.array(f"{name}.axis", [1])], f"{name}.row")
        image = self.node("Transpose", [row], f"{name}.image", perm=[0, 3, 1, 2])
        mixed = self.node(
            "Conv",
            [
                image,
                self.array(f"{name}.taps", block.taps.T.reshape(width, 1, 1, kernel)),
                self.array(f"{name}.bias", block.bias),
            ],
            f"{name}.mixed",
            group=width,
            pads=[0, block.before, 0, kernel - 1 - block.before],
        )
        back = self.node("Transpose", [mixed], f"{name}.back", perm=[0, 2, 3, 1])
        frames = self.node("Squeeze", [back, f"{name}.axis"], f"{name}.frames")
        wide = self.matrix(
            self.norm(frames, f"{name}.norm", block.norm),
            f"{name}.widen",
            block.widen.weight,
            block.widen.bias,
        )
        active = self.node("Gelu", [wide], f"{name}.active", domain=CONTRIB)
        scaled = (block.narrow.weight * block.scale[:, None], block.narrow.bias * block.scale)
        return self.node("Add", [x, self.matrix(active, f"{name}.narrow", *scaled)], f"{name}.out")

    def turns(self, name: str, rows: np.ndarray, columns: np.ndarray, period: int) -> tuple[str, str]:
        """Cosine and sine of 2π × row × column / period, [*rows.shape, len(columns)]: onnxruntime makes
        them from one table when it loads the graph, so that the file need not hold them."""
        circle = 2 * np.pi * np.arange(period) / period
        product = self.node(
            "Mul",
            [
                self.constant(f"{name}.rows", rows[..., None].astype(np.int64)),
                self.constant(f"{name}.columns", columns.astype(np.int64)),
            ],
            f"{name}.product",
        )
        period_name = self.constant(f"{name}.period", np.array(period, np.int64))
        angle = self.node("Mod", [product, period_name], f"{name}.angle")
        cosines, sines = (
            self.node(
                "Gather", [self.array(f"{name}.{kind}s", values.astype(np.float32)), angle], f"{name}.{kind}"
            )
            for kind, values in (("cosine", np.cos(circle)), ("sine", np.sin(circle)))
        )
        return cosines, sines


def write_codec_decoder(codec: Codec, path: Path) -> None:
    """Writes the graph `tokens` → `audio`; codec.left_context and codec.lookahead are its context in frames.

    Its `voice`, int64 [1], is the voice's token, as a prompt has it.
    """
    graph = CodecGraph(accuracy_level=4)
    decoder, recipe = codec.decoder, codec.recipe
    # One number, so that what it looks up is a row.
    number = graph.node("Sub", ["voice", graph.array("first_voice", [VOICE_BASE])], "number")
    graph.node("Squeeze", [number], "speaker")
    codes = codec.quantiser.values(torch.arange(codec.quantiser.size))
    x = graph.node("Gather", [graph.array("codes", codes), "tokens"], "values")
    pads = (recipe.kernel - 1 - decoder.lookahead, decoder.lookahead)
    x = graph.node("Transpose", [x], "values.channels", perm=[0, 2, 1])
    x = graph.convolution(x, "inlet", decoder.inlet, pads)
    x = graph.norm(x, "norm", decoder.norm)
    for index, block in enumerate(decoder.blocks):
        x = graph.block(x, f"blocks.{index}", block)
    x = graph.norm(x, "split_norm", decoder.split_norm)
    x = graph.matrix(x, "split", decoder.split.weight, decoder.split.bias)
    x = graph.node("Reshape", [x, graph.array("parts_shape", [0, -1, recipe.fine_width])], "parts")
    for index, block in enumerate(decoder.fine_blocks):
        x = graph.block(x, f"fine_blocks.{index}", block)
    x = graph.norm(x, "outlet_norm", decoder.outlet_norm)
    windows = _inverse_transform(graph, decoder, x, recipe.window)
    windows = graph.node("Mul", [windows, graph.array("window", codec.synthesis.window)], "windowed")
    _overlap_add(graph, windows, codec.synthesis.overlap, codec.synthesis.lookahead)
    graph.save(
        path,
        "codec_decoder",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, ["batch", "frames"]),
            helper.make_tensor_value_info("voice", TensorProto.INT64, [1]),
        ],
        [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["batch", "samples"])],
    )


def _inverse_transform(graph: CodecGraph, decoder: Decoder, x: str, window: int) -> str:
    """The spectrum's matrix and the inverse Fourier transform of each frame: → [batch, frames, window].

    The transform goes in two steps (Cooley and Tukey), a tenth of the work of one matrix: bin k = inner +
    step × outer, sample n = fine + size × coarse, window = step × size.
    """
    k = _bins_by_step(window)
    step, outer = k.shape
    size, bins = window // step, window // 2 + 1
    order, inside = outlet_order(window)
    # Bins beyond the last are rows of zeros.
    parts = decoder.outlet.weight.view(2, bins, -1)[:, order] * inside[:, None]
    biases = decoder.outlet.bias.view(2, bins)[:, order] * inside
    spectrum = graph.matrix(x, "outlet", parts.flatten(0, 1), biases.flatten())
    graph.node("Split", [spectrum], ["log_amplitude", "phase"], axis=-1)
    limit = graph.array("limit", np.array(LOG_AMPLITUDE_LIMIT, np.float32))
    amplitude = graph.node("Exp", [graph.node("Min", ["log_amplitude", limit], "limited")], "amplitude")
    pair = []
    shape = graph.array("spectrum_shape", [0, 0, step, outer])
    for part, operator in (("real", "Cos"), ("imaginary", "Sin")):
        turned = graph.node(operator, ["phase"], f"{part}.turn")
        flat = graph.node("Mul", [amplitude, turned], f"{part}.flat")
        pair.append(graph.node("Reshape", [flat, shape], part))
    by_frame = graph.node("Concat", pair, "spectrum.by_frame", axis=3)
    by_inner = graph.node("Transpose", [by_frame], "spectrum.by_inner", perm=[0, 2, 1, 3])

    # A bin between the ends stands for its mirror image too.
    share = np.where((k == 0) | (k == bins - 1), 1, 2) / window * (k < bins)
    cosines, sines = graph.turns("fine", k, np.arange(size), window)
    shares = graph.array("share", share[..., None].astype(np.float32))
    cosines = graph.node("Mul", [cosines, shares], "fine.real")
    sines = graph.node("Mul", [sines, shares], "fine.imaginary")
    from_real = graph.node("Concat", [cosines, sines], "fine.from_real", axis=2)
    minus = graph.node("Neg", [sines], "fine.minus")
    from_imaginary = graph.node("Concat", [minus, cosines], "fine.from_imaginary", axis=2)
    fine = graph.node("Concat", [from_real, from_imaginary], "fine.matrix", axis=1)
    turned = graph.node("MatMul", [by_inner, fine], "fine.by_inner")

    angle = 2 * np.pi * np.outer(np.arange(step), np.arange(step)) / step
    coarse = np.concatenate([np.cos(angle), -np.sin(angle)], axis=1).astype(np.float32)
    split = graph.node("Reshape", [turned, graph.array("fine_shape", [0, step, -1, 2, size])], "fine.split")
    by_frame = graph.node("Transpose", [split], "fine.by_frame", perm=[0, 2, 3, 1, 4])
    rows = graph.node(
        "Reshape", [by_frame, graph.array("coarse_shape", [0, 0, 2 * step, size])], "coarse.rows"
    )
    samples = graph.node("MatMul", [graph.array("coarse", coarse), rows], "coarse.samples")
    return graph.node("Reshape", [samples, graph.array("window_shape", [0, 0, window])], "windows")


def _bins_by_step(window: int) -> np.ndarray:
    """Bin inner + step × outer at [inner, outer]; the last ones may lie beyond the spectrum."""
    step = max(divisor for divisor in range(1, int(window**0.5) + 1) if window % divisor == 0)
    outer = -(-(window // 2 + 1) // step)
    return np.arange(step)[:, None] + step * np.arange(outer)


def outlet_order(window: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The bin, int64, of each row that the graph's outlet has, in the order that its steps read, and whether
    there is such a bin."""
    k, bins = _bins_by_step(window).ravel(), window // 2 + 1
    return torch.from_numpy(np.minimum(k, bins - 1)), torch.from_numpy(k < bins)


def _overlap_add(graph: CodecGraph, windows: str, overlap: int, lookahead: int) -> None:
    """Windows [batch, places, overlap × hop] → `audio` [batch, places × hop]."""
    parts = [f"part.{j}" for j in range(overlap)]
    graph.node("Split", [windows], parts, axis=-1)
    shifted = [
        graph.node(
            "Pad", [part, graph.array(f"{part}.pads", [0, j, 0, 0, overlap - 1 - j, 0])], f"{part}.shifted"
        )
        for j, part in enumerate(parts)
    ]
    total = shifted[0]
    for j, part in enumerate(shifted[1:], 1):
        total = graph.node("Add", [total, part], f"overlapped.{j}")
    ends = [graph.array("first", [lookahead]), graph.array("last", [lookahead - overlap + 1])]
    if lookahead == overlap - 1:
        ends[1] = graph.array("end", [np.iinfo(np.int64).max])
    kept = graph.node("Slice", [total, *ends, graph.array("time", [1])], "kept")
    graph.node("Reshape", [kept, graph.array("audio_shape", [0, -1])], "audio")


def write_codec_encoder(codec: Codec, path: Path) -> None:
    """Writes the graph `audio` [batch, samples] within ±1 → `tokens` [batch, samples // hop]."""
    # Activations stay float: the graph runs offline only, and a token once rounded wrongly is another token.
    graph = CodecGraph(accuracy_level=0)
    encoder, quantiser = codec.encoder, codec.quantiser
    mel = _log_mel(graph, codec.mel)
    centred = graph.node("Sub", [mel, graph.array("mean", np.array(encoder.MEAN, np.float32))], "mel.centred")
    unit = graph.node(
        "Div", [centred, graph.array("deviation", np.array(encoder.DEVIATION, np.float32))], "mel.unit"
    )
    x = graph.convolution(unit, "inlet", encoder.inlet, encoder.inlet.padding * 2)
    for index, block in enumerate(encoder.blocks):
        x = graph.block(x, f"blocks.{index}", block)
    x = graph.norm(x, "norm", encoder.norm)
    latent = graph.node(
        "MatMul", [x, graph.array("outlet.weight", encoder.outlet.weight.T)], "outlet.product"
    )
    # The quantiser's shift joins the bias.
    latent = graph.node(
        "Add", [latent, graph.array("outlet.bias", encoder.outlet.bias + quantiser.shift)], "latent"
    )
    squashed = graph.node("Tanh", [latent], "squashed")
    stretched = graph.node("Mul", [squashed, graph.array("reach", quantiser.reach)], "stretched")
    bounded = graph.node("Sub", [stretched, graph.array("offset", quantiser.offset)], "bounded")
    rounded = graph.node("Round", [bounded], "rounded")
    digits = graph.node("Add", [rounded, graph.array("zero", quantiser.zero)], "digits")
    places = graph.node("Mul", [digits, graph.array("radix", quantiser.radix)], "places")
    number = graph.node("ReduceSum", [places, graph.array("last_axis", [-1])], "number", keepdims=0)
    graph.node("Cast", [number], "tokens", to=TensorProto.INT64)
    graph.save(
        path,
        "codec_encoder",
        [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["batch", "samples"])],
        [helper.make_tensor_value_info("tokens", TensorProto.INT64, ["batch", "frames"])],
    )


def _log_mel(graph: CodecGraph, mel: LogMel) -> str:
    """`audio` → log-mel [batch, mels, frames], the Fourier transform as a convolution."""
    size = len(mel.window)
    bins = size // 2 + 1
    cosines, sines = graph.turns("fourier", np.arange(bins), np.arange(size), size)
    basis = graph.node("Concat", [cosines, sines], "fourier.turns", axis=0)
    basis = graph.node("Mul", [basis, graph.array("fourier.window", mel.window)], "fourier.windowed")
    basis = graph.node("Unsqueeze", [basis, graph.array("channel_axis", [1])], "fourier.basis")
    sound = graph.node("Unsqueeze", ["audio", "channel_axis"], "sound")
    pads = [mel.margin, mel.margin]
    spectrum = graph.node("Conv", [sound, basis], "spectrum", strides=[mel.hop], pads=pads)
    squares = graph.node("Mul", [spectrum, spectrum], "squares")
    graph.node("Split", [squares], ["real_squares", "imaginary_squares"], axis=1)
    power = graph.node("Add", ["real_squares", "imaginary_squares"], "power")
    smallest = graph.array("smallest_power", np.array(SMALLEST_POWER, np.float32))
    amplitude = graph.node("Sqrt", [graph.node("Add", [power, smallest], "positive_power")], "amplitude")
    filters = graph.half("filters", mel.filters.cpu().numpy())
    mels = graph.node("MatMul", [filters, amplitude], "mel.amplitude")
    floor = graph.array("floor", np.array(mel.FLOOR, np.float32))
    return graph.node("Log", [graph.node("Max", [mels, floor], "mel.floored")], "mel")
