"""Whisper's weights, from the CTranslate2 file that a package carries to a small file that travels.

Matrices are kept as CTranslate2's own int8 does: eight bits, one scale a row; the rest in half precision.
"""

import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

HALF = 4


def read_ctranslate2(path: Path) -> dict[str, np.ndarray]:
    """The half-precision arrays of a CTranslate2 model file of version 6, by its names.

    Raises ValueError for another version or another precision.
    """
    with path.open("rb") as file:
        return dict(_arrays(file, path))


def _arrays(file: BinaryIO, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    def number(form: str) -> int:
        return struct.unpack("<" + form, file.read(struct.calcsize(form)))[0]

    def name() -> str:
        return file.read(number("H"))[:-1].decode()

    if number("I") != 6 or name() != "WhisperSpec":
        raise ValueError(f"{path} is not a Whisper model in CTranslate2's format, version 6.")
    number("I")
    for _ in range(number("I")):
        title = name()
        shape = [number("I") for _ in range(number("B"))]
        kind = number("B")
        raw = file.read(number("I"))
        if kind == HALF:
            yield title, np.frombuffer(raw, np.float16).reshape(shape)
        elif len(shape) > 1:
            raise ValueError(f"{path} does not hold half-precision weights.")


def pack(source: Path, target: Path) -> None:
    """Writes the model folder `source` (model.bin, config.json, tokenizer.json) as one .npz, LZMA-packed."""
    settings = json.loads((source / "config.json").read_text())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:

        def put(name: str, array: np.ndarray) -> None:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)

        for name, values in read_ctranslate2(source / "model.bin").items():
            if values.ndim > 1 and "position" not in name:
                rows = values.astype(np.float32).reshape(len(values), -1)
                scales = np.abs(rows).max(1) / 127
                codes = np.rint(rows / scales[:, None]).astype(np.int8)
                put(name + ":codes", codes.reshape(values.shape))
                put(name + ":scales", scales)
            else:
                put(name, values)
        put("suppressed", np.array(settings["suppress_ids"]))
        put("suppressed_first", np.array(settings["suppress_ids_begin"]))
        put("tokenizer", np.frombuffer((source / "tokenizer.json").read_bytes(), np.uint8))


def unpack(path: Path) -> dict[str, np.ndarray]:
    """Every array of a packed file by CTranslate2's name, codes multiplied out."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    for name in [name for name in arrays if name.endswith(":codes")]:
        codes = arrays.pop(name)
        stem = name.removesuffix(":codes")
        scales = arrays.pop(stem + ":scales")
        arrays[stem] = codes * scales.reshape(-1, *[1] * (codes.ndim - 1)).astype(np.float32)
    return arrays


def to_transformers(arrays: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """The same weights under the names of transformers' `WhisperForConditionalGeneration`."""
    state: dict[str, Tensor] = {}

    def put(name: str, values: np.ndarray) -> None:
        state["model." + name] = torch.from_numpy(np.array(values, np.float32))

    def affine(name: str, stem: str) -> None:
        put(name + ".weight", arrays[stem + "/weight"])
        put(name + ".bias", arrays[stem + "/bias"])

    def norm(name: str, stem: str) -> None:
        put(name + ".weight", arrays[stem + "/gamma"])
        put(name + ".bias", arrays[stem + "/beta"])

    def split(names: list[str], stem: str) -> None:
        parts = len(names)
        weights = np.split(arrays[stem + "/weight"], parts)
        biases = np.split(arrays[stem + "/bias"], parts)
        for name, weight, bias in zip(names, weights, biases, strict=True):
            put(name + ".weight", weight)
            # Whisper's keys have no bias, which the fused matrix holds as zeros.
            if not name.endswith("k_proj"):
                put(name + ".bias", bias)

    for part in ("encoder", "decoder"):
        put(f"{part}.embed_positions.weight", arrays[f"{part}/position_encodings/encodings"])
        norm(f"{part}.layer_norm", f"{part}/layer_norm")
        layers = {name.split("/")[1] for name in arrays if name.startswith(f"{part}/layer_")} - {"layer_norm"}
        for layer in range(len(layers)):
            here, there = f"{part}.layers.{layer}", f"{part}/layer_{layer}"
            own = f"{here}.self_attn"
            split([f"{own}.{p}_proj" for p in "qkv"], f"{there}/self_attention/linear_0")
            affine(f"{own}.out_proj", f"{there}/self_attention/linear_1")
            norm(f"{own}_layer_norm", f"{there}/self_attention/layer_norm")
            if part == "decoder":
                cross = f"{here}.encoder_attn"
                affine(f"{cross}.q_proj", f"{there}/attention/linear_0")
                split([f"{cross}.{p}_proj" for p in "kv"], f"{there}/attention/linear_1")
                affine(f"{cross}.out_proj", f"{there}/attention/linear_2")
                norm(f"{cross}_layer_norm", f"{there}/attention/layer_norm")
            affine(f"{here}.fc1", f"{there}/ffn/linear_0")
            affine(f"{here}.fc2", f"{there}/ffn/linear_1")
            norm(f"{here}.final_layer_norm", f"{there}/ffn/layer_norm")
    affine("encoder.conv1", "encoder/conv1")
    affine("encoder.conv2", "encoder/conv2")
    put("decoder.embed_tokens.weight", arrays["decoder/embeddings/weight"])
    state["proj_out.weight"] = state["model.decoder.embed_tokens.weight"]
    return state
