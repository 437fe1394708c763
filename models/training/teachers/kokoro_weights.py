"""Kokoro-82M's weights, from the int8 ONNX export to the names of its PyTorch modules.

The export keeps each module's path in the names of its nodes; only some initialisers carry it too.
Codes stay eight bits in the file (80 MB as numbers, under 60 MB packed) and are multiplied out when
the model is built.
"""

import re
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

# ONNX keeps an LSTM's gates as input, output, forget, cell; PyTorch as input, forget, cell, output.
GATES = (0, 2, 3, 1)


def module_path(node_name: str) -> str:
    """`/encoder/F0.0/conv1/Conv_quant` → `predictor.F0.0.conv1`."""
    parts = node_name.strip("/").split("/")[:-1]
    parts = parts[2:] if parts[0] == "decoder" else parts[1:]
    # A Sequential's export names it twice: `cnn.0/cnn.0.0`, `asr_res/asr_res.0`.
    following = [*parts[1:], ""]
    path = ".".join(p for p, after in zip(parts, following, strict=True) if not after.startswith(p + "."))
    if node_name.startswith("/decoder"):
        return "decoder." + path
    return "predictor." + path if re.match(r"(F0|N)[._]|shared", path) else path


def named_weights(model: onnx.ModelProto) -> dict[str, dict[str, np.ndarray]]:
    """Every parameter as {"codes", "scale", "zero"} or {"values"}, in PyTorch's layout.

    `(codes - zero) * scale` are the values; scale and zero broadcast against codes.
    """
    initialisers = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    weights: dict[str, dict[str, np.ndarray]] = {}

    def quantised(codes: str, zero: str, scale: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return initialisers[codes], initialisers[scale], initialisers[zero]

    for node in model.graph.node:
        inputs = list(node.input)
        if node.op_type == "MatMulInteger":
            path = module_path(node.name)
            # Albert's layers share one set of weights; the first use names it.
            if re.search(r"_\d+$", path):
                continue
            stem = inputs[1].removesuffix("_quantized")
            codes, scale, zero = quantised(inputs[1], inputs[3], stem + "_scale")
            weights[path + ".weight"] = {
                "codes": np.ascontiguousarray(codes.T),
                "scale": scale[:, None],
                "zero": zero[:, None],
            }
        elif node.op_type == "ConvInteger":
            stem = inputs[1].removesuffix("_quantized")
            codes, scale, zero = quantised(inputs[1], inputs[3], stem + "_scale")
            weights[module_path(node.name) + ".weight"] = {"codes": codes, "scale": scale, "zero": zero}
        elif node.op_type == "DequantizeLinear":
            table = inputs[1].removesuffix("_scale")
            codes, scale, zero = quantised(table + "_quantized", inputs[2], inputs[1])
            weights[table.removeprefix("encoder.")] = {"codes": codes, "scale": scale, "zero": zero}
        elif node.op_type in ("ConvTranspose", "Conv"):
            if inputs[1] in initialisers and "istft" not in node.name:
                weights[module_path(node.name) + ".weight"] = {"values": initialisers[inputs[1]]}
        elif node.op_type == "DynamicQuantizeLSTM":
            weights.update(lstm_weights(module_path(node.name), inputs, initialisers))
        elif node.op_type == "MatMul" and node.name.endswith("l_linear/MatMul"):
            weights[module_path(node.name) + ".weight"] = {"values": initialisers[inputs[1]].T.copy()}

    for name, values in initialisers.items():
        if values.dtype != np.float32 or "::" in name or name.startswith("/"):
            continue
        if name.endswith(("_scale", "inverse_basis", "window_sum")):
            continue
        name = re.sub(r"^(encoder\.|decoder\.(?=decoder\.))", "", name)
        weights.setdefault(name, {"values": values})
    return weights


def lstm_weights(
    path: str, inputs: list[str], initialisers: dict[str, np.ndarray]
) -> dict[str, dict[str, np.ndarray]]:
    """A bidirectional LSTM's eight parameters. Its inputs: X, W, R, B, …, W scale, W zero, R scale, R zero."""
    weights = {}
    _, input_codes, state_codes, bias, *_ = inputs
    scales = {"ih": (input_codes, inputs[8], inputs[9]), "hh": (state_codes, inputs[10], inputs[11])}
    for direction, suffix in enumerate(("", "_reverse")):
        for kind, (codes, scale, zero) in scales.items():
            by_gate = np.split(initialisers[codes][direction].T, 4)
            weights[f"{path}.weight_{kind}_l0{suffix}"] = {
                "codes": np.concatenate([by_gate[gate] for gate in GATES]),
                "scale": initialisers[scale][direction],
                "zero": initialisers[zero][direction],
            }
        halves = np.split(initialisers[bias][direction], 2)
        for kind, half in zip(("ih", "hh"), halves, strict=True):
            by_gate = np.split(half, 4)
            weights[f"{path}.bias_{kind}_l0{suffix}"] = {
                "values": np.concatenate([by_gate[gate] for gate in GATES])
            }
    return weights


def pack(onnx_file: bytes, target: Path) -> None:
    """Writes the weights of an ONNX export as an LZMA-packed .npz, which numpy reads as any other."""
    weights = named_weights(onnx.load_from_string(onnx_file))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        for name, fields in weights.items():
            for field, array in fields.items():
                if field == "values" and array.size > 100_000:
                    array = array.astype(np.float16)
                with archive.open(f"{name}:{field}.npy", "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, array, allow_pickle=False)


def unpack(source: Path) -> dict[str, np.ndarray]:
    """The parameters of a packed file, float32, by PyTorch's names."""
    with np.load(source) as archive:
        fields = {name: archive[name] for name in archive.files}
    parameters = {}
    for key, array in fields.items():
        name, field = key.rsplit(":", 1)
        if field == "values":
            parameters[name] = array.astype(np.float32)
        elif field == "codes":
            zero = fields[name + ":zero"].astype(np.float32)
            parameters[name] = (array.astype(np.float32) - zero) * fields[name + ":scale"]
    return parameters
