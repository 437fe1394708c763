"""What is done to logits before sampling: the app's processors, a batch at a time."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Sampling:
    temperature: float
    # 0 keeps all.
    top_k: int
    # 1 keeps all.
    top_p: float
    # Tokens drafted a round.
    lookahead: int


def distribution(logits: Tensor, sampling: Sampling) -> Tensor:
    """Probabilities after temperature, top-k and top-p, in that order: [..., vocabulary], float32.

    Top-p keeps the smallest set of most probable tokens whose mass reaches its share of what top-k left.
    Ties fall by id. The temperature must be above 0.
    """
    probabilities = torch.softmax(logits.float() / sampling.temperature, dim=-1)
    vocabulary = logits.shape[-1]
    if not 0 < sampling.top_k < vocabulary and sampling.top_p >= 1:
        return probabilities
    ordered, order = torch.sort(probabilities, dim=-1, descending=True, stable=True)
    if 0 < sampling.top_k < vocabulary:
        ordered[..., sampling.top_k :] = 0
    if sampling.top_p < 1:
        before = ordered.cumsum(-1) - ordered
        ordered = torch.where(before < sampling.top_p * ordered.sum(-1, keepdim=True), ordered, 0)
    kept = torch.zeros_like(probabilities).scatter_(-1, order, ordered)
    return kept / kept.sum(-1, keepdim=True)


def draw(weights: Tensor, generator: torch.Generator) -> Tensor:
    """One index a row in proportion to its weights, [..., n] → [...]; never one of weight 0."""
    # The first of n exponential clocks to ring is i with probability weight i ÷ sum.
    clocks = torch.empty_like(weights).exponential_(generator=generator)
    return (weights / clocks).argmax(-1)
