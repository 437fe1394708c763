"""Decoding many takes at once with caches of fixed shape, as the app decodes one."""

import math
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from layout import END
from lm.model import SpeechLM, copy_of, head_size_of
from report.processors import Sampling, distribution

# Steps between two looks at which rows are done.
STRIDE = 32


class BatchedDecoder:
    """A model with a cache a row. Weights as they are: pass a `baked` model to decode as the graph does.

    Rolling back is passing smaller lengths: what lies behind them is overwritten, and never seen before it is.
    """

    def __init__(self, model: SpeechLM, batch: int, max_length: int):
        device = model.embedding.weight.device
        config = model.config
        self.max_length = max_length
        # Half precision where it is quick. The hidden states themselves stay in full precision.
        self.precision = torch.float16 if device.type == "cuda" else torch.float32
        self.model = copy_of(model).eval().requires_grad_(False)
        for matrix in self.model.matrices():
            matrix.to(self.precision)
        shape = (config.layers, batch, config.kv_heads, max_length, head_size_of(config))
        self.keys = torch.zeros(shape, dtype=self.precision, device=device)
        self.values = torch.zeros_like(self.keys)
        self.rows = torch.arange(batch, device=device)[:, None]
        self.places = torch.arange(max_length, device=device)

    @torch.no_grad()
    def forward(
        self, tokens: Tensor, lengths: Tensor, features: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """tokens [batch, S] at positions lengths … lengths + S − 1 of each row → logits float32 [batch, S,
        VOCABULARY] and hidden states float32 [batch, S, width], which are the features [batch, S, width] of the
        positions behind. lengths [batch]; lengths + S must not pass the cache's length."""
        positions = lengths[:, None] + torch.arange(tokens.shape[1], device=tokens.device)
        visible = (self.places <= positions[..., None])[:, None, None]

        def attend(layer: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            return self._attend(layer, positions, visible, queries, keys, values)

        with torch.autocast(tokens.device.type, self.precision, enabled=self.precision != torch.float32):
            hidden = self.model(tokens, attend, positions, features)
            return self.model.logits(hidden).float(), hidden.float()

    def _attend(
        self, layer: int, positions: Tensor, visible: Tensor, queries: Tensor, keys: Tensor, values: Tensor
    ) -> Tensor:
        for cache, new in ((self.keys, keys), (self.values, values)):
            cache[layer][self.rows, :, positions] = new.transpose(1, 2).to(self.precision)
        batch, heads, steps, size = queries.shape
        kv_heads = keys.shape[1]
        # Heads that share keys are rows of one product, so that each key is read once.
        grouped = queries.to(self.precision).reshape(batch, kv_heads, -1, size) * size**-0.5
        scores = (grouped @ self.keys[layer].mT).view(batch, kv_heads, -1, steps, self.max_length)
        weights = scores.float().masked_fill(~visible, -torch.inf).softmax(-1).to(self.precision)
        mixed = weights.view(batch, kv_heads, -1, self.max_length) @ self.values[layer]
        return mixed.view(batch, heads, steps, size)


@dataclass(frozen=True)
class Take:
    # Acoustic tokens without END, int16.
    codes: np.ndarray
    # Whether END came before the limit.
    ended: bool


class Speaker:
    """Speaks prompts, as many at a time as it has rows; a row that is done takes the next prompt.

    A prompt is fed token by token: one step serves all rows wherever they are, and on a GPU is captured once
    and replayed.
    """

    def __init__(self, model: SpeechLM, rows: int, max_length: int, top_p: float, seed: int):
        # Each row divides its logits by a temperature of its own.
        self.sampling = Sampling(temperature=1.0, top_k=0, top_p=top_p, lookahead=0)
        self.device = model.embedding.weight.device
        torch.manual_seed(seed)
        self.decoder = BatchedDecoder(model, rows, max_length)

        def filled(value: float, dtype: torch.dtype, *shape: int) -> Tensor:
            return torch.full((rows, *shape), value, dtype=dtype, device=self.device)

        # Prompts, and behind each what was drawn.
        self.stream = filled(0, torch.long, max_length + 1)
        self.position = filled(0, torch.long)
        self.prompt_length = filled(1, torch.long)
        # Positions that a row may fill, prompt included.
        self.limit = filled(1, torch.long)
        self.temperature = filled(1, torch.float)
        self.done = filled(True, torch.bool)
        self.graph: torch.cuda.CUDAGraph | None = None

    def speak(
        self,
        prompts: list[np.ndarray],
        limits: np.ndarray,
        temperatures: np.ndarray,
        seconds: float = math.inf,
    ) -> list[Take | None]:
        """One take a prompt, of at most `limits` frames; None for those not begun within so many seconds.

        Raises ValueError if a prompt and its limit do not fit the cache together.
        """
        deadline = time.monotonic() + seconds
        takes: list[Take | None] = [None] * len(prompts)
        rows = len(self.position)
        holds = np.full(rows, -1)
        waiting = 0
        while True:
            if time.monotonic() > deadline:
                waiting = len(prompts)
            done = self.done.cpu().numpy()
            self._collect(np.flatnonzero(done & (holds >= 0)), holds, takes)
            free = np.flatnonzero(holds < 0)[: len(prompts) - waiting]
            if len(free):
                members = np.arange(waiting, waiting + len(free))
                self._place(free, [prompts[i] for i in members], limits[members], temperatures[members])
                holds[free] = members
                waiting += len(free)
            if (holds < 0).all():
                return takes
            for _ in range(STRIDE):
                self._advance()

    def _collect(self, rows: np.ndarray, holds: np.ndarray, takes: list[Take | None]) -> None:
        streams = self.stream[torch.from_numpy(rows).to(self.device)].cpu().numpy().astype(np.int16)
        starts, stops = self.prompt_length.cpu().numpy(), self.position.cpu().numpy() + 1
        for row, stream in zip(rows, streams, strict=True):
            codes = stream[starts[row] : stops[row]]
            ended = len(codes) > 0 and codes[-1] == END
            takes[holds[row]] = Take(codes[:-1] if ended else codes, bool(ended))
            holds[row] = -1

    def _place(
        self, rows: np.ndarray, prompts: list[np.ndarray], limits: np.ndarray, temperatures: np.ndarray
    ) -> None:
        lengths = np.array([len(prompt) for prompt in prompts])
        if (lengths + limits > self.decoder.max_length).any():
            raise ValueError("A prompt and its limit do not fit the decoder's cache.")
        streams = np.zeros((len(rows), self.stream.shape[1]), np.int64)
        for stream, prompt in zip(streams, prompts, strict=True):
            stream[: len(prompt)] = prompt
        at = torch.from_numpy(rows).to(self.device)
        for state, values in (
            (self.stream, streams),
            (self.position, np.zeros_like(lengths)),
            (self.prompt_length, lengths),
            (self.limit, lengths + limits),
            (self.temperature, temperatures.astype(np.float32)),
            (self.done, np.zeros(len(rows), bool)),
        ):
            state[at] = torch.from_numpy(values).to(self.device)

    def _advance(self) -> None:
        if self.device.type != "cuda":
            self._step()
            return
        if self.graph is None:
            self._capture()
        self.graph.replay()

    def _capture(self) -> None:
        """Records a step; the warm-up steps beside it leave the rows as they were."""
        states = (self.stream, self.position, self.done)
        saved = [state.clone() for state in states]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self._step()
        torch.cuda.current_stream().wait_stream(side)
        for state, before in zip(states, saved, strict=True):
            state.copy_(before)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._step()

    @torch.no_grad()
    def _step(self) -> None:
        """Feeds each row its next token; behind the prompt, draws the one that follows."""
        here = self.position[:, None]
        logits, _ = self.decoder.forward(self.stream.gather(1, here), self.position)
        weights = distribution(logits[:, 0] / self.temperature[:, None], self.sampling)
        # The first of n exponential clocks to ring is i with probability weight i ÷ sum.
        drawn = (weights / torch.empty_like(weights).exponential_()).argmax(-1)
        following = self.position + 1
        speaking = following >= self.prompt_length
        token = torch.where(speaking, drawn, self.stream.gather(1, here + 1)[:, 0])
        alive = ~self.done
        kept = self.stream.gather(1, here + 1)[:, 0]
        self.stream.scatter_(1, here + 1, torch.where(alive, token, kept)[:, None])
        self.position.copy_(torch.where(alive, following, self.position))
        finished = speaking & ((drawn == END) | (following + 1 >= self.limit))
        self.done.copy_(self.done | finished)
