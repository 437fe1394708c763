"""A Piper voice at half its size: weights stored as half floats, computed with as single ones."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Smaller tensors stay as they are: shapes, scales and biases are no weight to carry.
SMALLEST = 2048


def pack(onnx_file: bytes, target: Path) -> None:
    """Writes the graph with its large float initialisers as float16, each behind a Cast.

    onnxruntime folds the Casts when it loads the graph, so speed stays what it was.
    """
    model = onnx.load_from_string(onnx_file)
    graph = model.graph
    casts = []
    for initialiser in graph.initializer:
        if initialiser.data_type != TensorProto.FLOAT or np.prod(initialiser.dims) < SMALLEST:
            continue
        name = initialiser.name
        half = numpy_helper.to_array(initialiser).astype(np.float16)
        initialiser.CopyFrom(numpy_helper.from_array(half, name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
    for position, cast in enumerate(casts):
        graph.node.insert(position, cast)
    onnx.save(model, str(target))
