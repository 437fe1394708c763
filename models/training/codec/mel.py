"""Log-mel spectrograms, for the codec's encoder and for its loss."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

# The gradient of a magnitude has no value at 0.
SMALLEST_POWER = 1e-14


def mel_filters(window: int, mels: int, sample_rate: int) -> torch.Tensor:
    """Triangular filters from 20 Hz to half the rate on the HTK mel scale: [mels, window // 2 + 1]."""

    def to_mel(hertz: float) -> float:
        return 2595 * math.log10(1 + hertz / 700)

    edges = 700 * (10 ** (np.linspace(to_mel(20), to_mel(sample_rate / 2), mels + 2) / 2595) - 1)
    bins = np.linspace(0, sample_rate / 2, window // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return torch.tensor(np.maximum(0, np.minimum(rising, falling)), dtype=torch.float32)


class LogMel(nn.Module):
    """Natural logarithm of mel amplitudes, on which a full-scale sine is 0; never below `FLOOR`."""

    # About the level of the faintest training noise, so that digital silence is nothing new.
    FLOOR = 1e-5

    def __init__(self, window: int, hop: int, mels: int, sample_rate: int):
        super().__init__()
        self.hop = hop
        hann = torch.hann_window(window)
        self.register_buffer("window", hann / (hann.sum() / 2), persistent=False)
        self.register_buffer("filters", mel_filters(window, mels, sample_rate), persistent=False)

    @property
    def margin(self) -> int:
        """Samples that the first and the last window reach beyond their frames."""
        return (len(self.window) - self.hop) // 2

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        """[batch, frames × hop + 2 × margin] → [batch, frames, mels], each window centred on its frame."""
        with torch.autocast(audio.device.type, enabled=False):
            spectrum = torch.stft(
                audio.float(),
                len(self.window),
                self.hop,
                window=self.window,
                center=False,
                return_complex=True,
            )
            amplitude = (spectrum.real.square() + spectrum.imag.square() + SMALLEST_POWER).sqrt()
            return torch.log((self.filters @ amplitude).clamp(min=self.FLOOR)).transpose(1, 2)

    def padded(self, audio: torch.Tensor) -> torch.Tensor:
        """Like forward, with silence for the margins: [batch, frames × hop] → [batch, frames, mels]."""
        return self(F.pad(audio, (self.margin, self.margin)))
