"""What a draft reads of the target besides tokens, as EAGLE does (Li et al., arXiv 2401.15077).

The features of a position are the normed hidden states that the target made of the position before: those that
its token was drawn from. They tell the draft what the target meant to say next, and where in the text it is,
which a few layers could not find out by themselves. Behind the tokens that the target has seen, the draft reads
its own hidden states in their place, and is taught to (Li et al., arXiv 2503.01840).
"""

import torch
from torch import Tensor

from lm.model import Attention, SpeechLM


def features_of(hidden: Tensor, documents: Tensor) -> Tensor:
    """Features [B, T, width] of each position, from hidden states alike; zeros at a document's first.

    documents [B, T]: which document of its row a position belongs to.
    """
    before = torch.roll(hidden, 1, 1)
    starts = documents != torch.roll(documents, 1, 1)
    starts[:, 0] = True
    return before.masked_fill(starts[..., None], 0)


def drafted(
    draft: SpeechLM,
    tokens: Tensor,
    attention: Attention,
    documents: Tensor,
    features: Tensor,
    own: Tensor,
    deepest: int,
) -> tuple[Tensor, Tensor]:
    """The draft's hidden states [B, T, width] where all that it reads is the target's, and as rounds have it.

    own [B, T]: where it reads its own, for the target has not been at the position before. So a round's first
    draft token stands at a place that is not its own, the others at the places behind. What it reads is that of
    rounds of up to `deepest` draft tokens, but for what earlier rounds left in its cache: with each further pass
    that is exact for a round more.
    """
    first = states = draft(tokens, attention, features=features)
    for _ in range(deepest - 1):
        read = torch.where(own[..., None], features_of(states, documents), features.to(states.dtype))
        states = draft(tokens, attention, features=read)
    return first, states
