"""Plain, exact and coarse-grained speculative decoding of many takes at once.

The rules are the app's (`main/decoding/acceptance.ts`), in the same words:
    p, q         target and draft distribution of a position, after the same processors
    P(k), Q(k)   their coarse masses
    accepted     a draft token the rule kept; α = accepted ÷ (accepted + rejected)
    ignored      draft tokens after the first rejection of a round, never judged
    recovered    the token drawn after a rejection
    bonus        the token drawn from p when every draft token was kept; a plain token is one
    τ            tokens committed per target call
drafted = accepted + rejected + ignored; committed = accepted + recovered + bonus. End-of-speech is
committed but is no frame, and nothing follows it. Where the app proposes and thins, the residual is drawn
from directly: the same law, other random numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from report.coarse import Groups
from report.processors import Sampling, distribution, draw

COUNTERS = ("rounds", "drafted", "accepted", "rejected", "ignored", "recovered", "bonus", "committed")


class Decoder(Protocol):
    """A model with a cache a row. Feeding positions again overwrites them; that is all of rollback."""

    def forward(
        self, tokens: Tensor, lengths: Tensor, features: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """tokens [batch, S] at positions lengths … lengths + S − 1 → logits [batch, S, vocabulary] and hidden
        states [batch, S, width]. A draft reads features [batch, S, width]: for each position the hidden states of
        the one before it, the target's where the target has been."""


@dataclass(frozen=True)
class Speculation:
    draft: Decoder
    # None judges token by token: exact speculative decoding.
    groups: Groups | None


@dataclass(frozen=True)
class Decoded:
    # Frames of each take; end-of-speech is none.
    tokens: list[np.ndarray]
    # Whether end-of-speech came before the limit.
    ended: np.ndarray
    # By name of COUNTERS, [takes].
    counters: dict[str, np.ndarray]
    # Σ |G(k)| over judged drafts, [takes]; zeros without groups.
    group_sizes: np.ndarray


def decode(
    target: Decoder,
    speculation: Speculation | None,
    prompts: Sequence[Sequence[int]],
    limits: Sequence[int],
    end: int,
    sampling: Sampling,
    generator: torch.Generator,
) -> Decoded:
    """Decodes one take a prompt (of two tokens or more) until end-of-speech or `limits` frames.

    The decoders' batch must be len(prompts), and their caches hold `cache_length` positions.
    """
    batch = Batch(prompts, limits, end, sampling.lookahead, generator.device)
    prompts_read = batch.context[:, : batch.prompt_lengths.max()]
    beginning = torch.zeros_like(batch.lengths)
    _, hidden = target.forward(prompts_read, beginning)
    if speculation:
        batch.remember(hidden, beginning)
        speculation.draft.forward(prompts_read, beginning, batch.features(beginning, prompts_read.shape[1]))
    while batch.alive.any():
        drafted, q = (
            propose(speculation.draft, batch, sampling, generator)
            if speculation
            else (batch.lengths.new_empty(len(prompts), 0), None)
        )
        newest = batch.newest(1)
        logits, hidden = target.forward(torch.cat([newest, drafted], 1), batch.lengths - 1)
        if speculation:
            batch.remember(hidden, batch.lengths - 1)
        p = distribution(logits, sampling)
        batch.commit(*accept(drafted, p, q, speculation, end, generator))
    return batch.result()


def cache_length(prompts: Sequence[Sequence[int]], limits: Sequence[int], lookahead: int) -> int:
    """Positions that the decoders' caches need: rows that are done still run beyond their limit."""
    return max(map(len, prompts)) + max(limits) + 2 * lookahead + 1


class Batch:
    """Contexts of a batch: prompt, then committed tokens; the newest is not yet fed to the target."""

    def __init__(
        self,
        prompts: Sequence[Sequence[int]],
        limits: Sequence[int],
        end: int,
        lookahead: int,
        device: torch.device,
    ):
        self.end = end
        longest = max(
            len(prompt) + limit + lookahead + 1 for prompt, limit in zip(prompts, limits, strict=True)
        )
        context = np.zeros((len(prompts), longest), np.int64)
        for row, prompt in enumerate(prompts):
            context[row, : len(prompt)] = prompt
        self.context = torch.from_numpy(context).to(device)
        self.prompt_lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
        self.limits = self.prompt_lengths + torch.tensor(limits, device=device)
        self.lengths = self.prompt_lengths.clone()
        self.alive = torch.ones(len(prompts), dtype=torch.bool, device=device)
        self.ended = torch.zeros_like(self.alive)
        self.counters = {name: torch.zeros_like(self.lengths) for name in COUNTERS}
        self.group_sizes = torch.zeros_like(self.lengths)
        # The target's hidden states, one place further on: none come before the first position.
        self.hidden: Tensor | None = None

    def remember(self, hidden: Tensor, at: Tensor) -> None:
        """Keeps hidden states [batch, S, width] of the target at positions at … at + S − 1; at [batch]."""
        if self.hidden is None:
            rows, places = self.context.shape
            self.hidden = hidden.new_zeros(rows, places + 1, hidden.shape[2])
        places = at[:, None] + 1 + torch.arange(hidden.shape[1], device=at.device)
        rows = torch.arange(len(at), device=at.device)[:, None]
        self.hidden[rows, places.clamp(max=self.hidden.shape[1] - 1)] = hidden

    def features(self, at: Tensor, count: int) -> Tensor:
        """What a draft reads at positions at … at + count − 1, [batch, count, width]; at [batch]."""
        places = at[:, None] + torch.arange(count, device=at.device)
        rows = torch.arange(len(at), device=at.device)[:, None]
        return self.hidden[rows, places]

    def newest(self, count: int) -> Tensor:
        """The last `count` tokens of each context, [batch, count]."""
        back = torch.arange(-count, 0, device=self.context.device)
        return self.context.gather(1, self.lengths[:, None] + back)

    def commit(self, round: "Round", group_sizes: Tensor) -> None:
        """Appends what a round kept and drew, and counts it; rows already done stay as they are."""
        place = torch.arange(round.tokens.shape[1], device=self.context.device)
        written = self.alive[:, None] & (place < round.committed[:, None])
        at = (self.lengths[:, None] + place).clamp(max=self.context.shape[1] - 1)
        self.context.scatter_(1, at, torch.where(written, round.tokens, self.context.gather(1, at)))
        for name, counter in self.counters.items():
            counter += torch.where(self.alive, getattr(round, name), 0)
        self.group_sizes += torch.where(self.alive, group_sizes, 0)
        self.lengths += torch.where(self.alive, round.committed, 0)
        self.ended |= self.alive & round.ended
        self.alive &= ~round.ended & (self.lengths < self.limits)

    def result(self) -> Decoded:
        context = self.context.cpu().numpy().astype(np.int16)
        starts = self.prompt_lengths.cpu().numpy()
        ended = self.ended.cpu().numpy()
        # A last round may pass the limit by less than its lookahead.
        stops = np.minimum(self.lengths.cpu().numpy() - ended, self.limits.cpu().numpy())
        return Decoded(
            tokens=[row[start:stop] for row, start, stop in zip(context, starts, stops, strict=True)],
            ended=ended,
            counters={name: counter.cpu().numpy() for name, counter in self.counters.items()},
            group_sizes=self.group_sizes.cpu().numpy(),
        )


@dataclass(frozen=True)
class Round:
    # Accepted drafts and the drawn token, [batch, lookahead + 1]; valid up to `committed`.
    tokens: Tensor
    ended: Tensor
    rounds: Tensor
    drafted: Tensor
    accepted: Tensor
    rejected: Tensor
    ignored: Tensor
    recovered: Tensor
    bonus: Tensor
    committed: Tensor


def propose(
    draft: Decoder, batch: Batch, sampling: Sampling, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draft tokens [batch, K] and the distributions they came from [batch, K, vocabulary]."""
    # After a full acceptance the draft has not seen its own last token: it is always fed the newest two.
    fed, at = batch.newest(2), batch.lengths - 2
    features = batch.features(at, 2)
    tokens, q = [], []
    for _ in range(sampling.lookahead):
        logits, hidden = draft.forward(fed, at, features)
        q.append(distribution(logits[:, -1], sampling))
        tokens.append(draw(q[-1], generator))
        at = at + fed.shape[1]
        # The target has not been further: from here on the draft's own have to do.
        fed, features = tokens[-1][:, None], hidden[:, -1:]
    return torch.stack(tokens, 1), torch.stack(q, 1)


def accept(
    drafted: Tensor,
    p: Tensor,
    q: Tensor | None,
    speculation: Speculation | None,
    end: int,
    generator: torch.Generator,
) -> tuple[Round, Tensor]:
    """One round's outcome, and the summed sizes of the groups that its judged drafts were put to.

    drafted [batch, K], p [batch, K + 1, vocabulary], q [batch, K, vocabulary] (None if K = 0).
    """
    batch, lookahead = drafted.shape
    rows = torch.arange(batch, device=p.device)
    # Drafting stops at a drafted end-of-speech: what the batch drew behind it does not exist.
    is_end = drafted == end
    counts = torch.where(is_end.any(1), is_end.int().argmax(1) + 1, lookahead) if lookahead else rows * 0
    kept, sizes = judge(drafted, p, q, speculation, generator)
    kept &= torch.arange(lookahead, device=p.device) < counts[:, None]
    accepted = kept.long().cumprod(1).sum(1)
    rejected = (accepted < counts).long()
    ended_by_draft = (accepted == counts) & is_end.any(1)

    drawn = draw(p[rows, accepted], generator)
    refused = rejected.nonzero().squeeze(1)
    if len(refused):
        at = accepted[refused]
        drawn[refused] = recover(p[refused, at], q[refused, at], speculation, generator)
    bonus = (1 - rejected) * (~ended_by_draft).long()
    tokens = torch.cat([drafted, drafted.new_zeros(batch, 1)], 1)
    tokens.scatter_(1, accepted[:, None], drawn[:, None])
    # An accepted end-of-speech stands just before the place that the drawn token would take.
    round = Round(
        tokens=tokens,
        ended=ended_by_draft | ((drawn == end) & ~ended_by_draft),
        rounds=torch.ones_like(accepted),
        drafted=counts,
        accepted=accepted,
        rejected=rejected,
        ignored=counts - accepted - rejected,
        recovered=rejected,
        bonus=bonus,
        committed=accepted + rejected + bonus,
    )
    judged = torch.arange(lookahead, device=p.device) < (accepted + rejected)[:, None]
    return round, (sizes * judged).sum(1)


def judge(
    drafted: Tensor,
    p: Tensor,
    q: Tensor | None,
    speculation: Speculation | None,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Whether each draft token alone would be kept, and the size of the group it was put to; [batch, K]."""
    batch, lookahead = drafted.shape
    if lookahead == 0:
        return drafted.bool(), drafted
    flat = drafted.flatten()
    each_p, each_q = p[:, :lookahead].flatten(0, 1), q.flatten(0, 1)
    groups = speculation.groups
    if groups is None:
        place = flat[:, None]
        ratio = (each_p.gather(1, place) / each_q.gather(1, place)).squeeze(1)
        sizes = torch.zeros_like(flat)
    else:
        owner = groups.owner_of(flat, generator)
        ratio = groups.mass_of(each_p, owner) / groups.mass_of(each_q, owner)
        sizes = groups.owners[owner].long()
    kept = torch.rand(ratio.shape, generator=generator, device=ratio.device) < ratio
    return kept.view(batch, lookahead), sizes.view(batch, lookahead)


def recover(p: Tensor, q: Tensor, speculation: Speculation, generator: torch.Generator) -> Tensor:
    """The token after a rejection, [n]: exact draws from norm(max(0, p − q)); coarse-grained draws k from
    norm(max(0, P − Q)), then t from p(t) ÷ n(t) within G(k)."""
    groups = speculation.groups
    if groups is None:
        residual = (p - q).clamp(min=0)
        within = residual
    else:
        # Masses are linear: P − Q from the difference loses no digits to what p and q share.
        residual = groups.masses(p - q).clamp(min=0)
        within = groups.shares(p) * groups.members[draw(residual, generator)]
    # Where p and q are one up to rounding, a rejection says nothing about either.
    nothing = within.sum(-1, keepdim=True) == 0
    return draw(torch.where(nothing, p, within), generator)
