"""Tokens to sound and back through the codec, exactly as if each take came alone."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

# Frames that the codec takes at once.
MOST_FRAMES = 40_000


def by_length(lengths: Sequence[int], frame: int) -> list[list[int]]:
    """Indices of equally long takes, in batches of at most MOST_FRAMES; padding would be heard at the end."""
    groups: dict[int, list[int]] = defaultdict(list)
    for index, length in enumerate(lengths):
        groups[length].append(index)
    batches = []
    for length, indices in sorted(groups.items()):
        most = max(1, MOST_FRAMES * frame // max(1, length))
        batches += [indices[at : at + most] for at in range(0, len(indices), most)]
    return batches


def in_batches(
    items: Sequence[np.ndarray],
    frame: int,
    compute: Callable[[Tensor, list[int]], Tensor],
    device: torch.device,
) -> list[np.ndarray]:
    """compute([batch, length], their indices) for each item, equally long ones together; empty items give
    empty results."""
    results: list[np.ndarray] = [np.zeros(0, np.float32)] * len(items)
    for indices in by_length([len(item) for item in items], frame):
        if len(items[indices[0]]) == 0:
            continue
        stacked = torch.from_numpy(np.stack([items[i] for i in indices])).to(device)
        with torch.inference_mode():
            for index, result in zip(indices, compute(stacked, indices).cpu().numpy(), strict=True):
                results[index] = result
    return results


def decode_tokens(
    codec: torch.nn.Module, tokens: Sequence[np.ndarray], voices: Sequence[int], device: torch.device
) -> list[np.ndarray]:
    """Sound of each take by its voice, float32 within ±1."""
    whole = [each.astype(np.int64) for each in tokens]
    speakers = torch.tensor(np.asarray(voices, np.int64), device=device)

    def decode(stacked: Tensor, takes: list[int]) -> Tensor:
        return codec.decode(stacked, speakers[takes])

    return [sound.clip(-1, 1) for sound in in_batches(whole, 1, decode, device)]


def encode_sound(
    codec: torch.nn.Module, sounds: Sequence[np.ndarray], hop: int, device: torch.device
) -> list[np.ndarray]:
    """Tokens of each int16 sound; samples beyond the last whole frame are left out."""
    whole = [sound[: len(sound) // hop * hop].astype(np.float32) / 32768 for sound in sounds]
    return [
        tokens.astype(np.int16)
        for tokens in in_batches(whole, hop, lambda sound, _: codec.encode(sound), device)
    ]
