"""A training step recorded on the GPU and replayed: thousands of small kernels start as one.

Started one by one from Python they took 100 ms where the GPU needs less than half. Where several processes
train together, a step halts whenever they exchange numbers, and is recorded in pieces between: an exchange that
is not recorded cannot spoil a recording, nor does it matter if one process could not record its step.
"""

from collections.abc import Callable, Generator
from typing import NamedTuple

import torch
from torch import Tensor

# Steps before the recording, in which compilers and libraries choose their kernels.
PRACTICE = 3

Losses = dict[str, Tensor]
# Yields what is to be exchanged, in place, before it goes on; returns its losses.
Step = Callable[..., Generator[Tensor, None, Losses]]
Exchange = Callable[[Tensor], None]


def whole_step(step: Step, inputs: tuple[Tensor, ...], exchange: Exchange) -> Losses:
    """Runs a step as it is."""
    pieces = step(*inputs)
    while True:
        try:
            exchange(next(pieces))
        except StopIteration as end:
            return end.value


class Piece(NamedTuple):
    graph: torch.cuda.CUDAGraph
    # What is exchanged behind it; the last piece has nothing.
    exchanged: Tensor | None


class RecordedStep:
    """`step` must compute the same kernels every time: what changes between its runs it reads from tensors."""

    def __init__(self, step: Step, inputs: tuple[Tensor, ...]):
        """Runs the step a few times on `inputs`, tensors on the GPU, without exchanging anything. Raises
        RuntimeError if it cannot be recorded."""
        self.inputs = [tensor.clone() for tensor in inputs]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(PRACTICE):
                whole_step(step, self.inputs, lambda _: None)
        torch.cuda.current_stream().wait_stream(aside)
        self.pieces: list[Piece] = []
        # Pieces go on with each other's tensors: they share their memory and are always replayed in order.
        memory = torch.cuda.graph_pool_handle()
        running = step(*self.inputs)
        self.results: Losses | None = None
        while self.results is None:
            graph, exchanged = torch.cuda.CUDAGraph(), None
            # Other threads, such as the one that watches over NCCL, may use the GPU meanwhile.
            with torch.cuda.graph(graph, pool=memory, capture_error_mode="thread_local"):
                try:
                    exchanged = next(running)
                except StopIteration as end:
                    self.results = end.value
            self.pieces.append(Piece(graph, exchanged))

    def __call__(self, inputs: tuple[Tensor, ...], exchange: Exchange) -> Losses:
        """The results, which the next call overwrites."""
        for kept, given in zip(self.inputs, inputs, strict=True):
            kept.copy_(given)
        for piece in self.pieces:
            piece.graph.replay()
            if piece.exchanged is not None:
                exchange(piece.exchanged)
        return self.results
