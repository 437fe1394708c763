"""What the codec's training minimises."""

import torch
import torch.nn.functional as F
from torch import nn

from codec.discriminators import Judgement
from codec.mel import LogMel


class MelDistance(nn.Module):
    """Mean absolute difference of log-mel spectrograms over four resolutions, in nepers."""

    RESOLUTIONS = ((256, 24), (512, 48), (1024, 80), (2048, 128))

    def __init__(self, sample_rate: int):
        super().__init__()
        self.spectrograms = nn.ModuleList(
            LogMel(window, window // 4, mels, sample_rate) for window, mels in self.RESOLUTIONS
        )

    def forward(self, made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """Of two sounds [batch, samples]; gradients go to the first."""
        distances = []
        for spectrogram in self.spectrograms:
            with torch.no_grad():
                reference = spectrogram(wanted)
            distances.append(F.l1_loss(spectrogram(made), reference))
        return torch.stack(distances).mean()


def discrimination_loss(judgements: list[Judgement]) -> torch.Tensor:
    """Hinge loss of the judges; the first half of each batch is real, the second made."""
    losses = []
    for judgement in judgements:
        real, made = judgement.scores.float().chunk(2)
        losses.append(F.relu(1 - real).mean() + F.relu(1 + made).mean())
    return torch.stack(losses).mean()


def deception_loss(judgements: list[Judgement]) -> torch.Tensor:
    """Hinge loss of the maker, from the judgements of what it made."""
    return torch.stack([F.relu(1 - made.scores.float()).mean() for made in judgements]).mean()


def matching_loss(real: list[Judgement], made: list[Judgement]) -> torch.Tensor:
    """Mean absolute difference of the judges' features."""
    return torch.stack(
        [
            F.l1_loss(made_feature.float(), real_feature.float())
            for of_real, of_made in zip(real, made, strict=True)
            for real_feature, made_feature in zip(of_real.features, of_made.features, strict=True)
        ]
    ).mean()
