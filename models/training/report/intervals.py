"""Figures with 95 % intervals: sentences are drawn anew, each with all its voices, split by split."""

from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Figure:
    value: float
    low: float
    high: float


class Bootstrap:
    """Draws of sentences that every figure shares, so that differences are paired."""

    def __init__(self, splits: list[str], seed: int):
        rng = np.random.default_rng(seed)
        self.counts = np.zeros((RESAMPLES, len(splits)))
        for split in sorted(set(splits)):
            members = np.flatnonzero(np.array(splits) == split)
            self.counts[:, members] = rng.multinomial(
                len(members), np.full(len(members), 1 / len(members)), RESAMPLES
            )

    def ratio(self, over: np.ndarray, under: np.ndarray) -> Figure:
        """Σ over ÷ Σ under; both [sentences], each summed over its voices."""
        return _figure(over.sum() / under.sum(), self._ratios(over, under))

    def difference(self, one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> Figure:
        """A ratio less another over the same sentences."""
        value = one[0].sum() / one[1].sum() - other[0].sum() / other[1].sum()
        return _figure(value, self._ratios(*one) - self._ratios(*other))

    def _ratios(self, over: np.ndarray, under: np.ndarray) -> np.ndarray:
        return (self.counts @ over) / np.maximum(self.counts @ under, 1e-12)


def _figure(value: float, draws: np.ndarray) -> Figure:
    low, high = np.quantile(draws, (0.025, 0.975))
    return Figure(float(value), float(low), float(high))
