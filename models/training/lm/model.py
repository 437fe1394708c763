"""The speech language model: a decoder over one vocabulary of acoustic tokens, text symbols and voices.

It computes what the exported graph computes: root-mean-square norms, rotary positions by halves, grouped-query
attention, SwiGLU, separate input embedding and output head.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from layout import EMBEDDINGS, VOCABULARY
from lm.quantise import round_in_place, rounded_weights
from recipe import Decoder

NORM_EPSILON = 1e-5
ROTARY_BASE = 10_000.0
# Bits of a stored weight, which the last part of the training already computes with.
BODY_BITS = 4
HEAD_BITS = 4
EMBEDDING_BITS = 8

# Rows of the rotary table: longer than any packed row and any cache.
LONGEST = 4096

# Index of the layer, queries [B, heads, T, head size], keys and values [B, kv heads, T, head size], to outputs
# like the queries.
Attention = Callable[[int, Tensor, Tensor, Tensor], Tensor]


def rotary_table(positions: int, head_size: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """Cosines and sines, float32 [positions, head size / 2]."""
    frequencies = ROTARY_BASE ** -(torch.arange(0, head_size, 2, dtype=torch.float64) / head_size)
    angles = torch.outer(torch.arange(positions, dtype=torch.float64), frequencies)
    return angles.cos().float().to(device), angles.sin().float().to(device)


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turns each pair (i, i + half) of x [..., head size]; cosines and sines broadcast to [..., head size / 2]."""
    first, second = x.float().chunk(2, -1)
    turned = torch.cat((first * cosines - second * sines, second * cosines + first * sines), -1)
    return turned.to(x.dtype)


class QuantisableLinear(nn.Module):
    """A matrix [outputs, inputs] without bias, which the graph stores with so many bits a number."""

    def __init__(self, inputs: int, outputs: int, bits: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bits = bits

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight)


class Norm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x.float(), self.weight.shape, self.weight, NORM_EPSILON)


class AttentionInputs(nn.Module):
    """Hidden states to rotated queries and keys, and values."""

    def __init__(self, config: Decoder):
        super().__init__()
        self.heads, self.kv_heads = config.heads, config.kv_heads
        self.norm = Norm(config.width)
        # Queries, keys and values, one behind the other.
        outputs = (config.heads + 2 * config.kv_heads) * head_size_of(config)
        self.qkv = QuantisableLinear(config.width, outputs, BODY_BITS)

    def forward(self, x: Tensor, cosines: Tensor, sines: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x [B, T, width] to [B, heads, T, head size] and twice [B, kv heads, T, head size]."""
        batch, length, _ = x.shape
        qkv = self.qkv(self.norm(x)).view(batch, length, self.heads + 2 * self.kv_heads, -1).transpose(1, 2)
        queries, keys, values = qkv.split((self.heads, self.kv_heads, self.kv_heads), 1)
        return rotate(queries, cosines, sines), rotate(keys, cosines, sines), values.contiguous()


class FeedForward(nn.Module):
    """What attention mixed, added to the hidden states, and the gated network behind it."""

    def __init__(self, config: Decoder):
        super().__init__()
        self.output = QuantisableLinear(config.width, config.width, BODY_BITS)
        self.norm = Norm(config.width)
        # Gates and their factors, one behind the other.
        self.gate_up = QuantisableLinear(config.width, 2 * config.feed_forward, BODY_BITS)
        self.down = QuantisableLinear(config.feed_forward, config.width, BODY_BITS)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mixed: Tensor) -> Tensor:
        """x [B, T, width], mixed [B, heads, T, head size]."""
        x = x + self.dropout(self.output(mixed.transpose(1, 2).flatten(2)))
        gate, up = self.gate_up(self.norm(x)).chunk(2, -1)
        return x + self.dropout(self.down(F.silu(gate) * up))


class Layer(nn.Module):
    """Two halves with attention between them, which training, inference and tests each do their way."""

    def __init__(self, config: Decoder):
        super().__init__()
        self.attention_inputs = AttentionInputs(config)
        self.feed_forward = FeedForward(config)


class SpeechLM(nn.Module):
    """Raises ValueError for a width that its heads do not divide into even head sizes."""

    def __init__(self, config: Decoder):
        super().__init__()
        if config.width % (2 * config.heads):
            raise ValueError(f"{config.heads} heads do not divide a width of {config.width} into even sizes.")
        self.config = config
        self.embedding = nn.Embedding(EMBEDDINGS, config.width)
        if config.features:
            # Of a token's embedding and the features behind it, one behind the other.
            self.mix = QuantisableLinear(2 * config.width, config.width, BODY_BITS)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = Norm(config.width)
        self.head = QuantisableLinear(config.width, VOCABULARY, HEAD_BITS)
        self.dropout = nn.Dropout(config.dropout)
        self.rotation = rotary_table(LONGEST, head_size_of(config))
        self._initialise()

    def _initialise(self) -> None:
        nn.init.normal_(self.embedding.weight, std=0.05)
        for matrix in self.matrices():
            nn.init.normal_(matrix.weight, std=0.7 * matrix.weight.shape[1] ** -0.5)
        for layer in self.layers:
            # What the residual stream adds up must not grow with the depth.
            for matrix in (layer.feed_forward.output, layer.feed_forward.down):
                matrix.weight.data /= (2 * len(self.layers)) ** 0.5

    def matrices(self) -> Iterator[QuantisableLinear]:
        return (module for module in self.modules() if isinstance(module, QuantisableLinear))

    def stored_weights(self) -> Iterator[tuple[nn.Parameter, int]]:
        """What the graph stores rounded, and to how many bits."""
        yield self.embedding.weight, EMBEDDING_BITS
        for matrix in self.matrices():
            yield matrix.weight, matrix.bits

    def quantised(self, on: bool = True) -> AbstractContextManager[None]:
        """Computes with weights as the graph stores them while it lasts: see `rounded_weights`."""
        return rounded_weights(self.stored_weights(), on)

    def forward(
        self,
        tokens: Tensor,
        attention: Attention,
        positions: Tensor | None = None,
        features: Tensor | None = None,
    ) -> Tensor:
        """tokens [B, T] to normed hidden states [B, T, width], which `logits` turns into logits.

        Without `positions` [B, T] they count along the row: rotary attention sees differences only, so that
        the documents of a packed row need no positions of their own. `features` [B, T, width], for a model that
        reads them: at each position the hidden states of the position before, zeros at a document's first.
        """
        cosines, sines = self.rotary(tokens, positions)
        x = self.dropout(self.embedding(tokens))
        if self.config.features:
            x = self.mix(torch.cat((x, features.to(x.dtype)), -1)).to(x.dtype)
        for index, layer in enumerate(self.layers):
            mixed = attention(index, *layer.attention_inputs(x, cosines, sines))
            x = layer.feed_forward(x, mixed)
        return self.norm(x)

    def rotary(self, tokens: Tensor, positions: Tensor | None) -> tuple[Tensor, Tensor]:
        """Cosines and sines of a pass, broadcasting to [B, heads, T, head size / 2]."""
        if self.rotation[0].device != tokens.device:
            self.rotation = rotary_table(LONGEST, head_size_of(self.config), tokens.device)
        if positions is None:
            return self.rotation[0][: tokens.shape[1]], self.rotation[1][: tokens.shape[1]]
        return self.rotation[0][positions][:, None], self.rotation[1][positions][:, None]

    def logits(self, hidden: Tensor) -> Tensor:
        """[..., width] to [..., VOCABULARY]."""
        # Rows up to a round number: GPUs multiply odd shapes slowly.
        weight = F.pad(self.head.weight, (0, 0, 0, -VOCABULARY % 64))
        return F.linear(hidden, weight)[..., :VOCABULARY]


def head_size_of(config: Decoder) -> int:
    return config.width // config.heads


def baked(model: SpeechLM) -> SpeechLM:
    """A copy with its weights rounded once and for all, for inference without training."""
    copy = copy_of(model)
    round_in_place(copy.stored_weights())
    return copy.eval()


def copy_of(model: SpeechLM) -> SpeechLM:
    copy = SpeechLM(model.config)
    copy.load_state_dict(model.state_dict())
    return copy.to(model.embedding.weight.device)


def save_model(model: SpeechLM, path: Path) -> None:
    """Writes `{"config", "state"}`, full precision."""
    state = {name: value.detach().float().cpu() for name, value in model.state_dict().items()}
    torch.save({"config": asdict(model.config), "state": state}, path)


def load_model(path: Path) -> SpeechLM:
    """A model of the `target` or `draft` stage, on the CPU, in evaluation mode, in full precision."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    model = SpeechLM(Decoder(**stored["config"]))
    model.load_state_dict(stored["state"])
    return model.eval()
