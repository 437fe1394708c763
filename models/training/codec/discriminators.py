"""The judges of the codec's sound: of its periods (HiFi-GAN) and of its spectrograms (EnCodec)."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

PERIODS = (2, 3, 5, 7, 11)
WINDOWS = (2048, 1024, 512, 256)
# Speech spans some 60 dB from its vowels to its fricatives. A judge that sees amplitudes as they are hears
# the vowels only, and takes thousands of steps to say anything at all.
COMPRESSION = 0.3
SMALLEST_POWER = 1e-5
# Training speech is near -23 dBFS; the period judges hear it near full scale.
LOUDNESS = 5.0
SLOPE = 0.1


class Judgement(NamedTuple):
    """What one judge says of a batch: a score for every place, and its layers' features."""

    scores: torch.Tensor
    features: list[torch.Tensor]


class Judge(nn.Module):
    """A stack of convolutions; `layers` are (channels, kernel, stride), the last giving the scores."""

    def __init__(self, channels: int, layers: list[tuple[int, tuple[int, int], tuple[int, int]]]):
        super().__init__()
        self.layers = nn.ModuleList()
        for outputs, kernel, stride in layers:
            padding = (kernel[0] // 2, kernel[1] // 2)
            layer = nn.Conv2d(channels, outputs, kernel, stride, padding)
            # The library's own start halves the signal at every layer: too faint to learn from at first.
            nn.init.kaiming_normal_(layer.weight, a=SLOPE)
            nn.init.zeros_(layer.bias)
            self.layers.append(weight_norm(layer))
            channels = outputs

    def forward(self, image: torch.Tensor) -> Judgement:
        features = []
        for layer in self.layers[:-1]:
            image = F.leaky_relu(layer(image), SLOPE)
            features.append(image)
        return Judgement(self.layers[-1](image), features)


def period_judge() -> Judge:
    steps = [(channels, (5, 1), (3, 1)) for channels in (32, 64, 128, 256)]
    return Judge(1, [*steps, (256, (5, 1), (1, 1)), (1, (3, 1), (1, 1))])


def spectrogram_judge() -> Judge:
    steps = [(32, (3, 9), (1, 2)) for _ in range(3)]
    return Judge(2, [*steps, (32, (3, 3), (1, 1)), (1, (3, 3), (1, 1))])


class Discriminators(nn.Module):
    def __init__(self):
        super().__init__()
        self.judges = nn.ModuleList(
            [*(period_judge() for _ in PERIODS), *(spectrogram_judge() for _ in WINDOWS)]
        )
        for window in WINDOWS:
            self.register_buffer(f"window_{window}", torch.hann_window(window), persistent=False)

    def images(self, audio: torch.Tensor) -> list[torch.Tensor]:
        """What each judge looks at, of audio [batch, samples]: folded into rows of a period [batch, 1,
        rows, period], or a compressed complex spectrogram [batch, 2, frames, bins]."""
        folded = []
        for period in PERIODS:
            padded = F.pad(LOUDNESS * audio[:, None], (0, -audio.shape[1] % period), mode="reflect")
            folded.append(padded.unflatten(2, (-1, period)))
        for window in WINDOWS:
            spectrum = torch.stft(
                audio,
                window,
                window // 4,
                window=getattr(self, f"window_{window}"),
                center=False,
                return_complex=True,
            )
            power = spectrum.real.square() + spectrum.imag.square() + SMALLEST_POWER
            compressed = torch.view_as_real(spectrum) * power.pow((COMPRESSION - 1) / 2)[..., None]
            folded.append(compressed.permute(0, 3, 2, 1).contiguous())
        return folded

    def forward(self, images: list[torch.Tensor]) -> list[Judgement]:
        return [judge(image) for judge, image in zip(self.judges, images, strict=True)]
