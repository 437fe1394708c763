"""Weights as onnxruntime's MatMulNBits stores them: blocks of 32 along the inputs, symmetric, no zero point.

A block is `scale × (level − 2^(bits−1))`, levels 0 … 2^bits − 1. The scale puts the block's largest number
exactly on the lowest level, and is itself rounded to half precision, as the file holds it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

BLOCK = 32


def quantise(weight: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Levels minus their middle, float [N, K / 32, 32], and scales, float [N, K / 32, 1], of a weight [N, K].

    Raises ValueError where K is no multiple of the block.
    """
    outputs, inputs = weight.shape
    if inputs % BLOCK:
        raise ValueError(f"A weight of {inputs} inputs does not divide into blocks of {BLOCK}.")
    blocks = weight.float().reshape(outputs, inputs // BLOCK, BLOCK)
    middle = 2 ** (bits - 1)
    highest, lowest = blocks.amax(-1, keepdim=True), blocks.amin(-1, keepdim=True)
    extreme = torch.where(highest > -lowest, highest, lowest)
    scale = (extreme / -middle).half().float()
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return torch.clamp(torch.round(blocks / scale), -middle, middle - 1), scale


def rounded(weight: Tensor, bits: int) -> Tensor:
    """The weight [N, K] that a graph with `bits` a number computes with."""
    levels, scale = quantise(weight, bits)
    return (levels * scale).reshape(weight.shape)


@torch.no_grad()
def round_in_place(weights: Iterable[tuple[Tensor, int]]) -> None:
    """Rounds each weight [N, K] to its bits; those alike in one go, for a deep model has many small ones."""
    alike: dict[tuple[int, int], list[Tensor]] = {}
    for weight, bits in weights:
        alike.setdefault((weight.shape[1], bits), []).append(weight)
    for (_, bits), members in alike.items():
        numbers = rounded(torch.cat(members), bits).split([len(weight) for weight in members])
        torch._foreach_copy_(members, list(numbers))


@contextmanager
def rounded_weights(weights: Iterable[tuple[nn.Parameter, int]], on: bool = True) -> Iterator[None]:
    """Weights hold what a graph would store while this lasts, and what they held before afterwards.

    Passes forth and back go inside, the optimiser's step outside: that is the straight-through estimate, gradients
    at the rounded weights that move the exact ones. Nothing in the model itself changes, so that a compiled model
    is the same with both. With `on` false nothing happens.
    """
    if not on:
        yield
        return
    weights = list(weights)
    parameters = [parameter.detach() for parameter, _ in weights]
    exact = [parameter.clone() for parameter in parameters]
    round_in_place((parameter, bits) for parameter, (_, bits) in zip(parameters, weights, strict=True))
    try:
        yield
    finally:
        torch._foreach_copy_(parameters, exact)


def pack(weight: Tensor, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Bytes uint8 [N, K / 32, 32 × bits / 8] and scales float16 [N × K / 32] of a weight [N, K]; bits 4 or 8."""
    levels, scale = quantise(weight, bits)
    stored = (levels + 2 ** (bits - 1)).to(torch.uint8).cpu().numpy()
    if bits == 4:
        stored = stored[..., 0::2] | (stored[..., 1::2] << 4)
    return np.ascontiguousarray(stored), scale.reshape(-1).cpu().numpy().astype(np.float16)


def unpack(stored: np.ndarray, scales: np.ndarray, bits: int) -> Tensor:
    """The weight float32 [N, K] whose bytes and scales `pack` gave, as a graph computes with it."""
    if bits == 4:
        stored = np.stack([stored & 15, stored >> 4], -1)
    levels = stored.reshape(len(stored), -1, BLOCK).astype(np.float32) - 2 ** (bits - 1)
    numbers = levels * scales.reshape(*levels.shape[:2], 1).astype(np.float32)
    return torch.from_numpy(numbers.reshape(len(stored), -1))
