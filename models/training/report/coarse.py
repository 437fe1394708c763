"""Acoustic similarity groups as matrices, so that thousands of positions are judged at once.

G(k) = { t : cos(E[k], E[t]) > θ } ∪ {k}; tokens outside the codebook are singletons. The relation is
symmetric, so the groups that hold t are as many as the members of G(t): n(t) = |G(t)|.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from report.processors import draw

COSINE_SCALE = 32_767


def cosines_of(rows: np.ndarray) -> np.ndarray:
    """Cosines between the rows of a token table [codebook, width]: [codebook, codebook], float64."""
    rows = rows.astype(np.float64)
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit @ unit.T


def read_neighbours(path: Path) -> tuple[np.ndarray, float]:
    """A pack's neighbour table: cosines [codebook, codebook] (−1 where under the floor), and the floor.

    Raises ValueError if the file is not a table of version 1.
    """
    raw = path.read_bytes()
    magic, version, tokens, pairs, floor = struct.unpack_from("<4sIIId", raw)
    if magic != b"TNBR" or version != 1:
        raise ValueError(f"{path} is not a neighbour table of version 1.")
    identifier = np.uint32 if tokens > 0x10000 else np.uint16
    lengths = np.frombuffer(raw, np.uint32, tokens, 24)
    ids_at = 24 + 4 * tokens
    ids = np.frombuffer(raw, identifier, pairs, ids_at)
    cosines_at = ids_at + (pairs * ids.itemsize + 3 & ~3)
    values = np.frombuffer(raw, np.int16, pairs, cosines_at) / COSINE_SCALE
    cosines = np.full((tokens, tokens), -1.0)
    cosines[np.repeat(np.arange(tokens), lengths), ids] = values
    return cosines, floor


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
