"""Rows that acoustic tokens may be compared by: what the target knows of them, and how they sound."""

import numpy as np
import torch
from torch import Tensor

from codec.model import Codec
from layout import CODEBOOK
from lm.model import SpeechLM
from report.speak import swap

# Frames decoded at once, and in all, for hearing each token in many contexts.
STRETCH, STRETCHES = 512, 1600
# A token is heard in its own frame and in its neighbours, which its windows reach.
REACH = 1
# Half width of the rows' numbers as the pack's builder takes them.
LARGEST_LEVEL = 127


def model_rows(target: SpeechLM) -> dict[str, np.ndarray]:
    """Input embedding and output head of the codebook, float32 [CODEBOOK, width], less their mean: a softmax does
    not see what all rows share."""
    named = {"input embedding": target.embedding.weight, "output head": target.head.weight}
    return {name: centred(rows.detach()[:CODEBOOK].float().cpu().numpy()) for name, rows in named.items()}


@torch.no_grad()
def sound_rows(codec: Codec, codes: np.ndarray, device: torch.device) -> np.ndarray:
    """How each token sounds on the average of its contexts and of the voices, float32 [CODEBOOK,
    3 × parts × mels]: log-mel around its frame.

    `codes`: speech to decode, the more the better; every band counts by its spread. Tokens that do not occur
    have rows of 0, like nothing.
    """
    codec = codec.to(device)
    count = min(STRETCHES, max(1, len(codes) // STRETCH))
    length = min(STRETCH, len(codes))
    starts = np.linspace(0, len(codes) - length, count).astype(int)
    parts = codec.recipe.parts
    sums = torch.zeros(CODEBOOK, (2 * REACH + 1) * parts * codec.recipe.mels, device=device)
    counts = torch.zeros(CODEBOOK, 1, device=device)
    for batch in np.array_split(starts, max(1, count // 16)):
        tokens = torch.from_numpy(np.stack([codes[i : i + length] for i in batch])).long().to(device)
        mel = (
            codec.mel.padded(codec.decode(tokens, by_turns(codec, tokens)))
            .unflatten(1, (-1, parts))
            .flatten(2)
        )
        around = mel.unfold(1, 2 * REACH + 1, 1).transpose(2, 3).flatten(2).flatten(0, 1)
        heard = tokens[:, REACH : length - REACH].flatten()
        sums.index_add_(0, heard, around)
        counts.index_add_(0, heard, torch.ones(len(heard), 1, device=device))
    occurs = counts[:, 0] > 0
    rows = torch.zeros_like(sums)
    means = sums[occurs] / counts[occurs]
    rows[occurs] = (means - means.mean(0)) / means.std(0, correction=0).clamp(min=1e-6)
    return rows.cpu().numpy()


def by_turns(codec: Codec, tokens: Tensor) -> Tensor:
    """A voice for each stretch of tokens [n, frames]: all of them in turn."""
    return torch.arange(len(tokens), device=tokens.device) % codec.recipe.voices


def joined(*tables: np.ndarray) -> np.ndarray:
    """Rows whose cosine is the mean of the tables' cosines."""
    return np.concatenate([unit(rows) for rows in tables], 1)


def centred(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(0)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def stored(rows: np.ndarray) -> np.ndarray:
    """Rows as int8, each by its own scale, which cosines do not see."""
    largest = np.maximum(np.abs(rows).max(1, keepdims=True), 1e-12)
    return np.rint(rows / largest * LARGEST_LEVEL).astype(np.int8)


@torch.no_grad()
def swap_distance(codec: Codec, codes: np.ndarray, members: np.ndarray, device: torch.device) -> float:
    """Mean change of the log-mel, in nats, when nearly all tokens become other members of their groups.

    codes [n, frames]; members bool [CODEBOOK, CODEBOOK]. Tokens alone in their group stay.
    """
    random = np.random.default_rng(0)
    others = members & ~np.eye(CODEBOOK, dtype=bool)
    swapped = np.stack([swap(row, others, random) for row in codes])

    def mel(tokens: np.ndarray) -> Tensor:
        spoken = torch.from_numpy(tokens).long().to(device)
        return codec.mel.padded(codec.decode(spoken, by_turns(codec, spoken)))

    return (mel(codes) - mel(swapped)).abs().mean().item()
