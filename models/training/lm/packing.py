"""Documents packed into rows of one length, so that hardly a position of a batch is empty."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from layout import END
from lm.corpus import Document

NO_TARGET = -100
# Place of positions that no document fills; among themselves they form one.
EMPTY = -1
# Documents that wait for a place: the more, the fuller the rows.
WAITING = 2.0


class Batch(NamedTuple):
    """All int32 [rows, length]."""

    tokens: Tensor
    # The token that follows, where it is acoustic or END; NO_TARGET elsewhere.
    targets: Tensor
    # Which document of its row a position belongs to, or EMPTY.
    documents: Tensor

    def to(self, device: torch.device) -> "Batch":
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in self))


def fill_rows(waiting: list[Document], rows: int, length: int) -> tuple[list[list[Document]], list[Document]]:
    """Longest first, each into the first row with room; what found none is returned too."""
    filled: list[list[Document]] = [[] for _ in range(rows)]
    room = np.full(rows, length)
    left = []
    for document in sorted(waiting, key=lambda document: -document.positions):
        row = int(np.argmax(room >= document.positions))
        if room[row] < document.positions:
            left.append(document)
        else:
            filled[row].append(document)
            room[row] -= document.positions
    return filled, left


def packed(filled: list[list[Document]], length: int) -> Batch:
    """Rows of documents as a batch."""
    tokens = np.zeros((len(filled), length), np.int32)
    targets = np.full((len(filled), length), NO_TARGET, np.int32)
    documents = np.full((len(filled), length), EMPTY, np.int32)
    for row, members in enumerate(filled):
        at = 0
        for index, (prompt, codes) in enumerate(members):
            start, end = at + len(prompt), at + len(prompt) + len(codes)
            tokens[row, at:start] = prompt
            tokens[row, start:end] = codes
            targets[row, start - 1 : end - 1] = codes
            targets[row, end - 1] = END
            documents[row, at:end] = index
            at = end
    return Batch(*(torch.from_numpy(array) for array in (tokens, targets, documents)))


def batches(documents: Iterator[Document], rows: int, length: int) -> Iterator[Batch]:
    """Packed batches of endless documents, none longer than a row."""
    waiting: list[Document] = []
    while True:
        positions = sum(document.positions for document in waiting)
        while positions < WAITING * rows * length:
            waiting.append(next(documents))
            positions += waiting[-1].positions
        # A random share of those that wait: lengths of a batch are those of the corpus.
        filled, waiting = fill_rows(waiting, rows, length)
        yield packed(filled, length)


class _PackedRows(IterableDataset):
    def __init__(self, epoch: Callable, rows: int, length: int, seed: tuple[int, ...]):
        self.epoch, self.rows, self.length, self.seed = epoch, rows, length, seed

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        random = np.random.default_rng((*self.seed, worker.id if worker else 0))

        def endless() -> Iterator[Document]:
            while True:
                yield from self.epoch(random)

        return batches(endless(), self.rows, self.length)


def batch_loader(
    epoch: Callable[[np.random.Generator], Iterator[Document]],
    rows: int,
    length: int,
    seed: tuple[int, ...],
    workers: int,
) -> Iterator[Batch]:
    """Endless batches made by background processes; `epoch` gives all documents once in random order.

    Each process draws its own order.
    """
    dataset = _PackedRows(epoch, rows, length, seed)
    return iter(
        DataLoader(
            dataset,
            batch_size=None,
            num_workers=workers,
            prefetch_factor=4 if workers else None,
            pin_memory=torch.cuda.is_available(),
        )
    )
