"""A SpeechLM as an ONNX graph that every provider of the app runs: all positions' logits, caches of any length.

Inputs: `input_ids` int64 [1, S], `seqlens_k` int32 [1] = length + S − 1, `total_sequence_length` int32 scalar
= length + S, `past_key.i` and `past_value.i` float [1, kv heads, positions, head size], of the maximum length
at most, and for a model that reads features (lm/features.py) `features` float [1, S, width]; outputs `logits`
[1, S, VOCABULARY], `hidden` float [1, S, width] and `present_key.i`, `present_value.i`. A smaller length rolls the
model back.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from layout import VOCABULARY
from lm.model import (
    EMBEDDING_BITS,
    NORM_EPSILON,
    Norm,
    QuantisableLinear,
    SpeechLM,
    head_size_of,
    rotary_table,
)
from lm.quantise import BLOCK, pack

CONTRIB = "com.microsoft"


class GraphBuilder:
    """Nodes and initialisers in the order they are named."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []

    def constant(self, name: str, values: np.ndarray) -> str:
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def half(self, name: str, values: np.ndarray) -> str:
        """Numbers stored in half precision; onnxruntime folds the cast when it loads the graph."""
        stored = self.constant(f"{name}.half", values.astype(np.float16))
        return self.node("Cast", [stored], name, to=TensorProto.FLOAT)

    def node(self, operator: str, inputs: list[str], outputs: str | list[str], **attributes: object) -> str:
        """Adds a node and returns its first output's name."""
        named = [outputs] if isinstance(outputs, str) else outputs
        self.nodes.append(helper.make_node(operator, inputs, named, name=named[0], **attributes))
        return named[0]

    def linear(self, x: str, name: str, matrix: QuantisableLinear, output: str | None = None) -> str:
        """x [..., K] times the stored form of a matrix [N, K]."""
        packed, scales = pack(matrix.weight.detach(), matrix.bits)
        outputs, inputs = matrix.weight.shape
        return self.node(
            "MatMulNBits",
            [x, self.constant(f"{name}.levels", packed), self.half(f"{name}.scales", scales)],
            output or f"{name}.product",
            domain=CONTRIB,
            K=inputs,
            N=outputs,
            bits=matrix.bits,
            block_size=BLOCK,
            # Activations in 8 bits on a CPU: half the time of float ones.
            accuracy_level=4,
        )

    def save(self, path: Path, name: str, inputs: list, outputs: list) -> None:
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.initialisers)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(CONTRIB, 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)


def write_decoder_graph(model: SpeechLM, max_length: int, path: Path) -> None:
    """Writes the graph of a model, its matrices in blocks of 4 or 8 bits."""
    config = model.config
    head_size = head_size_of(config)
    graph = GraphBuilder()
    cosines, sines = rotary_table(max_length, head_size)
    rotary = [graph.constant("cosines", cosines.numpy()), graph.constant("sines", sines.numpy())]

    def norm_weight(name: str, norm: Norm) -> str:
        return graph.constant(name, norm.weight.detach().float().numpy())

    def add_and_norm(addend: str, residual: str, name: str, norm: Norm) -> tuple[str, str]:
        """The sum of both and its norm, as (normed, sum)."""
        names = [f"{name}.normed", "", "", f"{name}.sum"]
        graph.node(
            "SkipSimplifiedLayerNormalization",
            [addend, residual, norm_weight(name, norm)],
            names,
            domain=CONTRIB,
            epsilon=NORM_EPSILON,
        )
        return names[0], names[3]

    # The app gives caches as long as a take needs, for onnxruntime-node copies all of them at every pass.
    cache = [1, config.kv_heads, "positions", head_size]
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "S"]),
        helper.make_tensor_value_info("seqlens_k", TensorProto.INT32, [1]),
        helper.make_tensor_value_info("total_sequence_length", TensorProto.INT32, []),
    ]
    states = [1, "S", config.width]
    if config.features:
        inputs.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, states))
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "S", VOCABULARY]),
        helper.make_tensor_value_info("hidden", TensorProto.FLOAT, states),
    ]

    residual = _embedded(graph, model)
    if config.features:
        both = graph.node("Concat", [residual, "features"], "embedding_and_features", axis=-1)
        residual = graph.linear(both, "mix", model.mix)
    addend = None
    for index, layer in enumerate(model.layers):
        for kind in ("key", "value"):
            inputs.append(helper.make_tensor_value_info(f"past_{kind}.{index}", TensorProto.FLOAT, cache))
            outputs.append(helper.make_tensor_value_info(f"present_{kind}.{index}", TensorProto.FLOAT, cache))
        prefix = f"layers.{index}"
        if addend is None:
            normed = graph.node(
                "SimplifiedLayerNormalization",
                [residual, norm_weight(f"{prefix}.attention_norm", layer.attention_inputs.norm)],
                f"{prefix}.attention_norm.normed",
                epsilon=NORM_EPSILON,
                axis=-1,
            )
        else:
            normed, residual = add_and_norm(
                addend, residual, f"{prefix}.attention_norm", layer.attention_inputs.norm
            )
        qkv = graph.linear(normed, f"{prefix}.qkv", layer.attention_inputs.qkv)
        mixed = graph.node(
            "GroupQueryAttention",
            [qkv, "", "", f"past_key.{index}", f"past_value.{index}", "seqlens_k", "total_sequence_length"]
            + rotary,
            [f"{prefix}.mixed", f"present_key.{index}", f"present_value.{index}"],
            domain=CONTRIB,
            num_heads=config.heads,
            kv_num_heads=config.kv_heads,
            do_rotary=1,
        )
        attended = graph.linear(mixed, f"{prefix}.output", layer.feed_forward.output)
        normed, residual = add_and_norm(
            attended, residual, f"{prefix}.feed_forward_norm", layer.feed_forward.norm
        )
        gate_up = graph.linear(normed, f"{prefix}.gate_up", layer.feed_forward.gate_up)
        gate, up = f"{prefix}.gate", f"{prefix}.up"
        graph.node("Split", [gate_up], [gate, up], axis=-1)
        gated = graph.node("QuickGelu", [gate], f"{prefix}.gated", domain=CONTRIB, alpha=1.0)
        addend = graph.linear(
            graph.node("Mul", [gated, up], f"{prefix}.gated_up"), f"{prefix}.down", layer.feed_forward.down
        )
    normed, _ = add_and_norm(addend, residual, "norm", model.norm)
    graph.node("Identity", [normed], "hidden")
    graph.linear(normed, "head", model.head, output="logits")
    graph.save(path, "decoder", inputs, outputs)


def _embedded(graph: GraphBuilder, model: SpeechLM) -> str:
    """The rows of the tokens, from blocks of 8 bits."""
    levels, scales = pack(model.embedding.weight.detach(), EMBEDDING_BITS)
    rows = levels.shape[0]
    return graph.node(
        "GatherBlockQuantized",
        [
            graph.constant("embedding.levels", levels.reshape(rows, -1)),
            "input_ids",
            graph.half("embedding.scales", scales.reshape(rows, -1)),
        ],
        "embedding",
        domain=CONTRIB,
        bits=EMBEDDING_BITS,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
