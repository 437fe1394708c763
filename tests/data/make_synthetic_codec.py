"""Writes synthetic-codec.onnx: a small fp32 codec decoder with random weights, seeded.

Two frames look back and one looks ahead at eight samples a frame, over as many tokens as
synthetic-decoder.onnx has. Every token is a voice too, and sounds through all frames. Needs: pip install onnx numpy.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CODES, BEFORE, AFTER, SAMPLES = 96, 2, 1, 8
random = np.random.default_rng(11)
weights = [
    numpy_helper.from_array(random.normal(0, 0.2, (CODES, SAMPLES)).astype(np.float32), "codes"),
    numpy_helper.from_array(
        random.normal(0, 0.2, (SAMPLES, SAMPLES, BEFORE + 1 + AFTER)).astype(np.float32), "kernel"
    ),
    numpy_helper.from_array(np.array([0, -1]), "flat"),
]
nodes = [
    helper.make_node("Gather", ["codes", "tokens"], ["said"]),
    helper.make_node("Gather", ["codes", "voice"], ["timbre"]),
    helper.make_node("Add", ["said", "timbre"], ["frames"]),
    helper.make_node("Transpose", ["frames"], ["channels"], perm=[0, 2, 1]),
    helper.make_node("Conv", ["channels", "kernel"], ["mixed"], pads=[BEFORE, AFTER]),
    helper.make_node("Transpose", ["mixed"], ["samples"], perm=[0, 2, 1]),
    helper.make_node("Reshape", ["samples", "flat"], ["audio"]),
]
graph = helper.make_graph(
    nodes,
    "synthetic_codec",
    [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "frames"]),
        helper.make_tensor_value_info("voice", TensorProto.INT64, [1]),
    ],
    [helper.make_tensor_value_info("audio", TensorProto.FLOAT, [1, "samples"])],
    weights,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
path = Path(__file__).with_name("synthetic-codec.onnx")
onnx.save(model, path)
print(path.name, path.stat().st_size, "bytes")
