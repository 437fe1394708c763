"""Reads from a codec's tokens what the teacher was saying, while the codec is trained.

Its loss makes tokens keep what tells the sounds of a language apart before any other detail: speech made from
them is understood, and a language model predicts them from text more easily (SpeechTokenizer, Zhang et al. 2024,
teaches a codec so from a recogniser's features; here the teacher itself knows what it says).
"""

import torch
import torch.nn.functional as F
from torch import nn

from alignment import SYMBOLS

WIDTH = 256
# Frames that a guess may look at: a symbol lasts about four.
KERNEL = 5


class SymbolReader(nn.Module):
    def __init__(self, dimensions: int):
        super().__init__()
        self.inlet = nn.Conv1d(dimensions, WIDTH, KERNEL, padding=KERNEL // 2)
        self.hidden = nn.Linear(WIDTH, WIDTH)
        self.outlet = nn.Linear(WIDTH, SYMBOLS)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Levels [batch, frames, dimensions] → logits [batch, frames, SYMBOLS]."""
        x = F.gelu(self.inlet(values.transpose(1, 2)).transpose(1, 2))
        return self.outlet(F.gelu(self.hidden(x)))


def reading_loss(logits: torch.Tensor, symbols: torch.Tensor) -> torch.Tensor:
    """Cross entropy in nats of [batch, frames, SYMBOLS] on the symbols said, [batch, frames]."""
    return F.cross_entropy(logits.float().flatten(0, 1), symbols.long().flatten())
