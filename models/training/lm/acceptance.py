"""What share of drafts speculative decoding keeps, computed exactly from both distributions of a position."""

from collections.abc import Iterator

import torch
from torch import Tensor

from lm.attention import dense_attention
from lm.features import drafted, features_of
from lm.model import SpeechLM
from lm.packing import NO_TARGET, Batch
from recipe import Recipe
from report.processors import Sampling, distribution


def acceptance(p: Tensor, q: Tensor) -> Tensor:
    """α = Σ min(p, q) of each position: [..., n] twice, token by token or as masses of groups → [...]."""
    return torch.minimum(p, q).sum(-1)


def default_sampling(recipe: Recipe) -> Sampling:
    """What the pack samples with unless told otherwise."""
    return Sampling(recipe.temperature, 0, recipe.top_p, recipe.lookahead)


@torch.no_grad()
def distributions(
    target: SpeechLM, draft: SpeechLM, batches: list[Batch], sampling: Sampling, device: torch.device
) -> Iterator[tuple[Tensor, Tensor]]:
    """p and q where speech follows, float32 [positions, VOCABULARY], a row of each batch at a time.

    Both models compute as they are: pass `baked` ones for what the app will see. The positions are those of rounds
    of `sampling.lookahead` draft tokens each.
    """
    for batch in batches:
        tokens, targets, documents = batch.to(device)
        for row in range(len(tokens)):
            place = documents[row : row + 1]
            attention = dense_attention(place)
            speaks = targets[row] != NO_TARGET
            if not speaks.any():
                continue
            heard = tokens[row : row + 1]
            hidden = target(heard, attention)
            features = features_of(hidden, place)
            own = (torch.arange(heard.shape[1], device=device) % sampling.lookahead > 0)[None]
            _, foreseen = drafted(draft, heard, attention, place, features, own, sampling.lookahead)
            yield tuple(
                distribution(model.logits(states[0, speaks]), sampling)
                for model, states in ((target, hidden), (draft, foreseen))
            )
