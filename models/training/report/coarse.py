"""Acoustic similarity groups as matrices, so that thousands of positions are judged at once.

G(k) = { t : cos(E[k], E[t]) > θ } ∪ {k}; tokens outside the codebook are singletons. The relation is
symmetric, so the groups that hold t are as many as the members of G(t): n(t) = |G(t)|.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from report.processors import draw


def cosines_of(rows: np.ndarray) -> np.ndarray:
    """Cosines between the rows of a token table [codebook, width]: [codebook, codebook], float64."""
    rows = rows.astype(np.float64)
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit @ unit.T


def mean_size(cosines: np.ndarray, theta: float) -> float:
    """Mean |G(k)| over the codebook."""
    others = cosines > theta
    np.fill_diagonal(others, False)
    return 1 + float(others.sum()) / len(cosines)


def theta_of_size(cosines: np.ndarray, size: float) -> float:
    """θ at which groups have this mean size, as near as distinct cosines allow."""
    others = cosines[~np.eye(len(cosines), dtype=bool)]
    pairs = min(len(others) - 1, round((size - 1) * len(cosines)))
    return float(-np.partition(-others, pairs)[pairs])


@dataclass(frozen=True)
class Groups:
    theta: float
    # 1 where t ∈ G(k), [vocabulary, vocabulary]; symmetric.
    members: Tensor
    # n(t), [vocabulary].
    owners: Tensor

    @staticmethod
    def at(
        theta: float, cosines: np.ndarray, vocabulary: int, device: str | torch.device = "cpu"
    ) -> "Groups":
        """Groups over `vocabulary` tokens, of which the first len(cosines) are the codebook."""
        members = torch.eye(vocabulary, device=device)
        above = torch.from_numpy(cosines > theta).to(device)
        members[: len(cosines), : len(cosines)][above] = 1
        return Groups(theta, members, members.sum(0))

    def shares(self, probabilities: Tensor) -> Tensor:
        """p(t) ÷ n(t), of the same shape."""
        return probabilities / self.owners

    def owner_of(self, tokens: Tensor, generator: torch.Generator) -> Tensor:
        """For each token one of the groups that hold it, drawn uniformly."""
        return draw(self.members[tokens], generator)

    def mass_of(self, probabilities: Tensor, groups: Tensor) -> Tensor:
        """P(k) of one group a row: probabilities [n, vocabulary], groups [n] → [n]."""
        return (self.shares(probabilities) * self.members[groups]).sum(-1)

    def masses(self, probabilities: Tensor) -> Tensor:
        """P(k) of every group: [n, vocabulary] → [n, vocabulary]; each row sums to 1."""
        return self.shares(probabilities) @ self.members
