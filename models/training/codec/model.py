"""The speech codec: sound to one token a frame and back.

The encoder sees the whole sound, for it runs offline only. The decoder is causal but for a stated
look-ahead, its left context is finite, and nothing in it depends on time statistics: so a chunk
decoded with its context equals the same stretch of the whole. It is told who speaks, so that all of a
token's bits are left for what is said and how.
"""

from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from codec.mel import LogMel
from codec.quantiser import FiniteScalarQuantiser
from recipe import Codec as CodecRecipe

EPSILON = 1e-5
# Logarithm of the largest amplitude of a bin; a full-scale sine has a quarter of the window.
LOG_AMPLITUDE_LIMIT = 7.0


class VoiceNorm(nn.Module):
    """Layer norm that every voice has its own weight and bias of."""

    def __init__(self, voices: int, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(voices, width))
        self.bias = nn.Parameter(torch.zeros(voices, width))
        self.register_buffer("numbers", torch.arange(voices), persistent=False)

    def forward(self, x: torch.Tensor, voices: torch.Tensor) -> torch.Tensor:
        """[batch, frames, width], each of one of the voices int64 [batch] → the same shape."""
        normed = F.layer_norm(x, x.shape[-1:], eps=EPSILON)
        # A sum over voices, all but one of them nothing: an index's gradient is a sort, which a recording of
        # the step may refuse.
        own = (voices[:, None] == self.numbers)[:, :, None]
        weight, bias = ((own * rows).sum(1, keepdim=True) for rows in (self.weight, self.bias))
        return normed * weight + bias


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution over time, then a two-layer network a frame, added to what came in. With
    `voices` its norm is a VoiceNorm."""

    def __init__(self, width: int, expansion: int, kernel: int, causal: bool, voices: int | None = None):
        super().__init__()
        self.before = kernel - 1 if causal else kernel // 2
        self.taps = nn.Parameter(torch.empty(kernel, width).uniform_(-1, 1) / kernel**0.5)
        self.bias = nn.Parameter(torch.zeros(width))
        self.norm = nn.LayerNorm(width, eps=EPSILON) if voices is None else VoiceNorm(voices, width)
        self.widen = nn.Linear(width, width * expansion)
        self.narrow = nn.Linear(width * expansion, width)
        self.scale = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x: torch.Tensor, *voices: torch.Tensor) -> torch.Tensor:
        """[batch, frames, width], and who speaks where the norm asks for it → the same shape."""
        kernel, frames = len(self.taps), x.shape[1]
        padded = F.pad(x, (0, 0, self.before, kernel - 1 - self.before))
        # A sum of shifted frames compiles into one kernel, where a depthwise convolution needs the
        # channels moved there and back.
        mixed = self.bias
        for tap in range(kernel):
            mixed = mixed + padded[:, tap : tap + frames] * self.taps[tap]
        return x + self.narrow(F.gelu(self.widen(self.norm(mixed, *voices)))) * self.scale


class Encoder(nn.Module):
    def __init__(self, recipe: CodecRecipe):
        super().__init__()
        width = recipe.encoder_width
        self.inlet = nn.Conv1d(
            recipe.mels,
            width,
            recipe.parts * recipe.kernel,
            stride=recipe.parts,
            padding=recipe.parts * (recipe.kernel // 2),
        )
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, recipe.encoder_expansion, recipe.kernel, causal=False)
            for _ in range(recipe.encoder_layers)
        )
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self.outlet = nn.Linear(width, len(recipe.levels))

    # Brings log-mel values to about zero mean and unit variance.
    MEAN, DEVIATION = -6.0, 3.0

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Log-mel [batch, frames × parts, mels] → latent [batch, frames, dimensions]."""
        x = self.inlet(((mel - self.MEAN) / self.DEVIATION).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        return self.outlet(self.norm(x))


class Decoder(nn.Module):
    def __init__(self, recipe: CodecRecipe):
        super().__init__()
        width, fine, voices = recipe.decoder_width, recipe.fine_width, recipe.voices
        self.lookahead = recipe.convolution_lookahead
        self.parts = recipe.parts
        self.inlet = nn.Conv1d(len(recipe.levels), width, recipe.kernel)
        self.norm = VoiceNorm(voices, width)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, recipe.decoder_expansion, recipe.decoder_kernel, True, voices)
            for _ in range(recipe.decoder_layers)
        )
        self.split_norm = VoiceNorm(voices, width)
        self.split = nn.Linear(width, recipe.parts * fine)
        self.fine_blocks = nn.ModuleList(
            ConvNeXtBlock(fine, recipe.decoder_expansion, recipe.decoder_kernel, True, voices)
            for _ in range(recipe.fine_layers)
        )
        self.outlet_norm = VoiceNorm(voices, fine)
        self.outlet = nn.Linear(fine, recipe.window + 2)

    def forward(self, values: torch.Tensor, voices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Levels [batch, frames, dimensions] of the voices int64 [batch] → real and imaginary parts, each
        [batch, frames × parts, bins]."""
        before = self.inlet.kernel_size[0] - 1 - self.lookahead
        x = self.inlet(F.pad(values.transpose(1, 2), (before, self.lookahead))).transpose(1, 2)
        x = self.norm(x, voices)
        for block in self.blocks:
            x = block(x, voices)
        x = self.split(self.split_norm(x, voices)).unflatten(2, (self.parts, -1)).flatten(1, 2)
        for block in self.fine_blocks:
            x = block(x, voices)
        log_amplitude, phase = self.outlet(self.outlet_norm(x, voices)).float().chunk(2, -1)
        amplitude = log_amplitude.clamp(max=LOG_AMPLITUDE_LIMIT).exp()
        return amplitude * phase.cos(), amplitude * phase.sin()


class OverlapAdd(nn.Module):
    """Inverse short-time Fourier transform whose windows start on multiples of the hop: that of place t
    begins `lookahead` hops before it."""

    def __init__(self, window: int, hop: int, lookahead: int):
        super().__init__()
        self.overlap, self.lookahead = window // hop, lookahead
        if window % hop or not 0 <= lookahead < self.overlap:
            raise ValueError(f"a window of {window} cannot look {lookahead} hops of {hop} ahead")
        hann = torch.hann_window(window)
        # Hann windows squared, at least four to a window, add up to a constant.
        self.register_buffer("window", hann / hann.square().sum() * hop, persistent=False)
        self.register_buffer("squared", self.window * hann, persistent=False)

    def add(self, windows: torch.Tensor) -> torch.Tensor:
        """[batch, frames, window] → [batch, frames × hop]."""
        batch, frames, _ = windows.shape
        parts = windows.view(batch, frames, self.overlap, -1).unbind(2)
        shifted = (F.pad(part, (0, 0, j, self.overlap - 1 - j)) for j, part in enumerate(parts))
        return sum(shifted)[:, self.lookahead : self.lookahead + frames].reshape(batch, -1)

    def forward(self, real: torch.Tensor, imaginary: torch.Tensor) -> torch.Tensor:
        """Two of [batch, frames, window // 2 + 1] → audio [batch, frames × hop]."""
        return self.add(torch.fft.irfft(torch.complex(real, imaginary), len(self.window)) * self.window)

    def fade(self, places: int) -> torch.Tensor:
        """Gain of the sound at the ends, where windows of absent places are missing: [places × hop]."""
        return self.add(self.squared.expand(1, places, -1))[0]


class Spectrum(NamedTuple):
    real: torch.Tensor
    imaginary: torch.Tensor
    bounded: torch.Tensor


class Codec(nn.Module):
    def __init__(self, recipe: CodecRecipe, sample_rate: int):
        super().__init__()
        self.recipe, self.sample_rate = recipe, sample_rate
        if recipe.hop % recipe.parts:
            raise ValueError(f"a frame of {recipe.hop} samples cannot have {recipe.parts} equal parts")
        part = recipe.hop // recipe.parts
        self.mel = LogMel(recipe.analysis_window, part, recipe.mels, sample_rate)
        self.encoder = Encoder(recipe)
        self.quantiser = FiniteScalarQuantiser(recipe.levels)
        self.decoder = Decoder(recipe)
        self.synthesis = OverlapAdd(recipe.window, part, recipe.window_lookahead)

    @property
    def lookahead(self) -> int:
        """Frames after a frame on which its sound depends."""
        recipe = self.recipe
        return recipe.convolution_lookahead + -(-recipe.window_lookahead // recipe.parts)

    @property
    def left_context(self) -> int:
        """Frames before a frame on which its sound depends."""
        recipe = self.recipe
        inlet = recipe.kernel - 1 - recipe.convolution_lookahead
        reach = recipe.decoder_kernel - 1
        windows = recipe.parts * recipe.window // recipe.hop - 1 - recipe.window_lookahead
        parts = recipe.fine_layers * reach + windows
        return inlet + recipe.decoder_layers * reach + -(-parts // recipe.parts)

    def forward(self, mel: torch.Tensor, voices: torch.Tensor) -> Spectrum:
        """The part that a compiler can take whole: log-mel [batch, frames × parts, mels] of the voices
        int64 [batch] to the spectrum that `synthesis` turns into sound, with what was rounded on the way."""
        bounded = self.quantiser.bound(self.encoder(mel))
        return Spectrum(*self.decoder(self.quantiser.quantise(bounded), voices), bounded)

    def encode(self, audio: torch.Tensor) -> torch.Tensor:
        """[batch, samples] within ±1 → tokens int64 [batch, samples // hop]."""
        frames = audio.shape[1] // self.recipe.hop
        mel = self.mel.padded(audio[:, : frames * self.recipe.hop])
        return self.quantiser.tokens(self.quantiser.bound(self.encoder(mel)))

    def decode(self, tokens: torch.Tensor, voices: torch.Tensor) -> torch.Tensor:
        """Tokens int64 [batch, frames] of the voices int64 [batch] → audio [batch, frames × hop]."""
        return self.synthesis(*self.decoder(self.quantiser.values(tokens), voices))


def save_codec(codec: Codec, state: dict[str, torch.Tensor], path: Path) -> None:
    """Writes `{"config", "state"}`; `state` may be another set of weights, such as averaged ones."""
    config = {**asdict(codec.recipe), "sample_rate": codec.sample_rate}
    torch.save({"config": config, "state": {name: value.cpu() for name, value in state.items()}}, path)


def load_codec(path: Path) -> Codec:
    """The codec of the `codec` stage, on the CPU, in evaluation mode."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    config = dict(stored["config"])
    sample_rate = config.pop("sample_rate")
    codec = Codec(CodecRecipe(**{**config, "levels": tuple(config["levels"])}), sample_rate)
    codec.load_state_dict(stored["state"])
    return codec.eval()
