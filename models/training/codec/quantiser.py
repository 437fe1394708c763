"""Finite scalar quantisation (Mentzer et al. 2023): a codebook that is a grid, so none is learned."""

import math

import torch
from torch import nn


class FiniteScalarQuantiser(nn.Module):
    """Rounds each of a few dimensions to its own count of levels; a token is the mixed-radix number
    of the levels' indices, the first dimension counting least."""

    def __init__(self, levels: tuple[int, ...]):
        super().__init__()
        self.levels = levels
        counts = torch.tensor(levels, dtype=torch.float32)
        reach = (counts - 1) * (1 + 1e-3) / 2
        # An even count has no level in the middle: half a step aside, it is symmetric about 0 again.
        offset = torch.where(counts % 2 == 0, 0.5, 0.0)
        for name, value in {
            "counts": counts,
            "reach": reach,
            "offset": offset,
            "shift": torch.atanh(offset / reach),
            "zero": torch.div(counts, 2, rounding_mode="floor"),
            "radix": torch.cumprod(torch.tensor([1, *levels[:-1]]), 0),
        }.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def size(self) -> int:
        return math.prod(self.levels)

    def bound(self, latent: torch.Tensor) -> torch.Tensor:
        """Squashes [..., dimensions] into the range that rounds to the levels."""
        return torch.tanh(latent.float() + self.shift) * self.reach - self.offset

    def quantise(self, bounded: torch.Tensor) -> torch.Tensor:
        """What the decoder reads: levels within ±1, the gradient passed straight through."""
        return (bounded + (bounded.round() - bounded).detach()) / self.zero

    def tokens(self, bounded: torch.Tensor) -> torch.Tensor:
        """[..., dimensions] → int64 [...]."""
        return ((bounded.round() + self.zero).long() * self.radix).sum(-1)

    def values(self, tokens: torch.Tensor) -> torch.Tensor:
        """int64 [...] → [..., dimensions], as `quantise` gave them."""
        digits = tokens.unsqueeze(-1) // self.radix % self.counts.long()
        return (digits - self.zero) / self.zero

    def neglect(self, bounded: torch.Tensor, wanted: float = 0.85) -> torch.Tensor:
        """How far the entropy of the levels falls short of `wanted` of its maximum, mean of the
        dimensions in nats: 0 as long as every level is in use, so that no code dies."""
        short = []
        for dimension, count in enumerate(self.levels):
            levels = torch.arange(count, device=bounded.device) - count // 2
            distance = bounded[..., dimension].reshape(-1, 1) - levels
            share = torch.softmax(-10 * distance.square(), -1).mean(0)
            entropy = -(share * (share + 1e-9).log()).sum()
            short.append(torch.relu(wanted * math.log(count) - entropy))
        return torch.stack(short).mean()
