"""Writes synthetic-decoder.onnx: a small fp32 decoder with random weights, seeded.

The graph has the form that every provider runs (grouped-query attention over caches whose length
is left open, rollback by length), small enough to compare whole logits. Needs: pip install onnx numpy.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS, WIDTH, HEADS, KV_HEADS, HIDDEN, VOCABULARY, LONGEST = 2, 64, 4, 2, 128, 96, 320
HEAD_DIM = WIDTH // HEADS
random = np.random.default_rng(7)
nodes, weights = [], []


def weight(name, value):
    weights.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
    return name


def dense(source, name, rows, columns):
    weight(name, random.normal(0, rows**-0.5, (rows, columns)))
    return node("MatMul", [source, name], name + "_out")


def node(kind, inputs, outputs, **attributes):
    outputs = outputs if isinstance(outputs, list) else [outputs]
    nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
    return outputs[0]


angles = np.outer(np.arange(LONGEST), 1e4 ** -(np.arange(0, HEAD_DIM, 2) / HEAD_DIM))
weight("cosine", np.cos(angles))
weight("sine", np.sin(angles))
weight("embedding", random.normal(0, 1, (VOCABULARY, WIDTH)))
ones = np.ones(WIDTH)
value_info = helper.make_tensor_value_info
inputs = [
    value_info("input_ids", TensorProto.INT64, [1, "positions"]),
    value_info("seqlens_k", TensorProto.INT32, [1]),
    value_info("total_sequence_length", TensorProto.INT32, []),
]
outputs = [value_info("logits", TensorProto.FLOAT, [1, "positions", VOCABULARY])]

x = node("Gather", ["embedding", "input_ids"], "embedded")
for layer in range(LAYERS):
    at = f"layer{layer}_"
    norm = dict(epsilon=1e-5, axis=-1)
    h = node(
        "SimplifiedLayerNormalization", [x, weight(at + "norm1", ones)], at + "h1", **norm
    )
    q = dense(h, at + "q", WIDTH, WIDTH)
    k = dense(h, at + "k", WIDTH, KV_HEADS * HEAD_DIM)
    v = dense(h, at + "v", WIDTH, KV_HEADS * HEAD_DIM)
    cache = [1, KV_HEADS, "capacity", HEAD_DIM]
    for kind in ("key", "value"):
        inputs.append(value_info(f"past_{kind}.{layer}", TensorProto.FLOAT, cache))
        outputs.append(value_info(f"present_{kind}.{layer}", TensorProto.FLOAT, cache))
    node(
        "GroupQueryAttention",
        [q, k, v, f"past_key.{layer}", f"past_value.{layer}", "seqlens_k",
         "total_sequence_length", "cosine", "sine"],
        [at + "attended", f"present_key.{layer}", f"present_value.{layer}"],
        domain="com.microsoft", num_heads=HEADS, kv_num_heads=KV_HEADS, do_rotary=1,
    )
    x = node("Add", [x, dense(at + "attended", at + "o", WIDTH, WIDTH)], at + "x1")
    h = node(
        "SimplifiedLayerNormalization", [x, weight(at + "norm2", ones)], at + "h2", **norm
    )
    gate = dense(h, at + "gate", WIDTH, HIDDEN)
    up = dense(h, at + "up", WIDTH, HIDDEN)
    swish = node("Mul", [gate, node("Sigmoid", [gate], at + "sigmoid")], at + "swish")
    down = dense(node("Mul", [swish, up], at + "mixed"), at + "down", HIDDEN, WIDTH)
    x = node("Add", [x, down], at + "x2")

weight("head", random.normal(0, WIDTH**-0.5, (WIDTH, VOCABULARY)))
node("MatMul", [x, "head"], "logits")

graph = helper.make_graph(nodes, "synthetic_decoder", inputs, outputs, weights)
opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
path = Path(__file__).with_name("synthetic-decoder.onnx")
onnx.save(model, path)
print(path.name, path.stat().st_size, "bytes")
