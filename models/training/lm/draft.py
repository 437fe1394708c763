"""Trains the drafts: one, two or three of the target's layers, which read its hidden states (features.py), taught to
foresee the target's own speech."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from layout import START, VOICE_BASE
from lm.acceptance import acceptance, default_sampling, distributions
from lm.corpus import Corpus, Document
from lm.features import features_of, own_steps
from lm.model import Attention, SpeechLM, baked, load_model, save_model
from lm.optimiser import optimisers_for, schedule
from lm.packing import NO_TARGET, batch_loader
from lm.run import TrainingRun, device_for, worker_count
from lm.target import attention_for, compile_layers, compiled, descend, held_out_batches
from recipe import Recipe
from team import Team, train_together
from workspace import MissingInput, Workspace

# Real speech among the samples, as a share of their documents.
REAL_DOCUMENTS = 0.15
# The loss turns from divergence, which teaches fast, to what is measured: the rejected share itself.
TURN_BEGINS, TURN_ENDS, MOST_TURN = 0.25, 0.6, 0.9
# Share of positions whose features are the draft's own: those that a round's later draft tokens stand at.
OWN_SHARE = 0.6


class Samples:
    """The takes of the `samples` stage as documents. Raises MissingInput where there are none."""

    def __init__(self, workspace: Workspace):
        stored = dict(np.load(workspace.need("samples.npz", "samples")))
        self.codes, self.offsets = stored["codes"], stored["offsets"]
        self.symbols, self.symbol_offsets = stored["symbols"], stored["symbol_offsets"]
        self.voices = stored["voices"]
        self.held_out = np.flatnonzero(stored["held_out"])
        self.taught = np.flatnonzero(~stored["held_out"])
        if not len(self.held_out) or not len(self.taught):
            raise MissingInput(
                "The target's takes did not stop: run `python models/training target` for longer, then `samples`."
            )

    def document(self, index: int) -> Document:
        symbols = self.symbols[self.symbol_offsets[index] : self.symbol_offsets[index + 1]]
        behind = np.array([VOICE_BASE + int(self.voices[index]), START], np.int16)
        codes = self.codes[self.offsets[index] : self.offsets[index + 1]]
        return Document(np.concatenate([symbols, behind]), codes)

    def held_out_documents(self) -> Iterator[Document]:
        return map(self.document, self.held_out)

    def among(self, corpus: Corpus) -> Callable[[np.random.Generator], Iterator[Document]]:
        """An epoch of the samples with a share of real speech among them."""

        def epoch(random: np.random.Generator) -> Iterator[Document]:
            real = corpus.epoch(random)
            for index in random.permutation(self.taught):
                yield self.document(index)
                if random.random() < REAL_DOCUMENTS:
                    yield from (document for document in [next(real, None)] if document)

        return epoch


def run(recipe: Recipe, workspace: Workspace) -> None:
    train_together(train, recipe, workspace)


def train(recipe: Recipe, workspace: Workspace, team: Team) -> None:
    device = device_for(recipe, "draft")
    training = recipe.draft_training
    own = replace(training, rows=team.share(training.rows, training.team_rows))
    target = baked(load_model(workspace.need("target.pt", "target"))).to(device).requires_grad_(False)
    samples = Samples(workspace)
    evaluation = held_out_batches(samples.held_out_documents(), training)
    torch.manual_seed(training.seed)
    drafts = {
        layers: started(target, layers, evaluation[:1], recipe, device, team)
        for layers in recipe.draft_layers
    }
    steps = {layers: DraftStep(draft, recipe, device) for layers, draft in drafts.items()}
    progress = TrainingRun(
        workspace,
        "draft",
        training,
        {f"model-{layers}": draft for layers, draft in drafts.items()},
        {
            f"{name}-{layers}": optimiser
            for layers, step in steps.items()
            for name, optimiser in zip(("muon", "adamw"), step.optimisers, strict=True)
        },
        # All drafts learn from each pass of the target.
        seconds=training.seconds * len(drafts),
        team=team,
    )
    loader = batch_loader(
        samples.among(Corpus(recipe, workspace, "train")),
        own.rows,
        own.row,
        (training.seed, progress.starts, team.rank),
        worker_count(team),
    )
    attention = attention_for(target.config, own, device)
    compile_layers(target, device)

    def lesson() -> Lesson:
        tokens, targets, documents = next(loader).to(device)
        attend = attention.of(documents)
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
            hidden = target(tokens, attend)
            features = features_of(hidden, documents).bfloat16()
            return Lesson(tokens, targets, documents, attend, features, target.logits(hidden))

    if device.type == "cuda":
        for step in steps.values():
            step.backward(lesson(), 0.0, quantised=False)
            step.draft.zero_grad()
    team.meet()
    progress.fit()
    rejected = {layers: [] for layers in drafts}
    for due in progress.loop():
        quantised = progress.progress >= training.quantised_from
        turn = np.interp(progress.progress, (TURN_BEGINS, TURN_ENDS), (0.0, MOST_TURN))
        rate = training.learning_rate * schedule(progress.steps, progress.progress, training.warmup)
        shared = lesson()
        for layers, step in steps.items():
            rejected[layers].append(step.backward(shared, float(turn), quantised))
            team.average_gradients(step.draft.parameters(), (shared.targets != NO_TARGET).sum())
            descend(step.draft, step.optimisers, rate)
        if due:
            means = {
                f"rejected_{layers}": torch.stack(values).mean().item() for layers, values in rejected.items()
            }
            progress.log(**means, rate=rate)
            rejected = {layers: [] for layers in drafts}
    if not team.leads:
        return
    measured = {}
    for layers, draft in drafts.items():
        measured[layers] = measure(target, baked(draft), evaluation, recipe, device)
        progress.log(**{f"{name}_{layers}": value for name, value in measured[layers].items()})
        workspace.write(f"draft-{layers}.pt", lambda path, draft=draft: save_model(draft, path))
    workspace.write("drafts.json", lambda path: path.write_text(json.dumps(measured, indent=1) + "\n"))
    progress.finish()


def extracted(target: SpeechLM, layers: list[int]) -> SpeechLM:
    """A model of some of the target's layers, with its embedding, norm and head; without dropout. It begins with
    the sum of embedding and features."""
    config = replace(target.config, layers=len(layers), dropout=0.0, features=True)
    draft = SpeechLM(config).to(target.embedding.weight.device)
    draft.mix.weight.data.copy_(torch.eye(config.width).repeat(1, 2))
    state = {name: value for name, value in target.state_dict().items() if not name.startswith("layers.")}
    draft.load_state_dict(state, strict=False)
    for own, layer in zip(draft.layers, layers, strict=True):
        own.load_state_dict(target.layers[layer].state_dict())
    return draft


def started(
    target: SpeechLM, layers: int, batches: list, recipe: Recipe, device: torch.device, team: Team
) -> SpeechLM:
    """The best beginning of a draft: the first layers, the last, or the first ones and the last one."""
    depth = target.config.layers
    first, last = list(range(layers)), list(range(depth - layers, depth))
    choices = {tuple(choice) for choice in (first, last, first[:-1] + last[-1:])}
    found = {
        choice: measure(target, extracted(target, list(choice)), batches, recipe, device)["acceptance"]
        for choice in sorted(choices)
    }
    # Rounding may tip the scales, and differently on another GPU.
    best = [int(layer) for layer in team.decide(*max(found, key=found.get))]
    if team.leads:
        print(f"draft: {layers} of {depth} layers begins as {best}; acceptance untaught {found}.", flush=True)
    return extracted(target, best)


def measure(
    target: SpeechLM, draft: SpeechLM, batches: list, recipe: Recipe, device: torch.device
) -> dict[str, float]:
    """Exact acceptance rate on the target's held-out speech, and the draft's divergence in nats a frame."""
    kept, divergence, count = 0.0, 0.0, 0
    with torch.compiler.set_stance("force_eager"):
        for p, q in distributions(target, draft.eval(), batches, default_sampling(recipe), device):
            kept += acceptance(p, q).sum().item()
            divergence += (p * (p.clamp(min=1e-20).log() - q.clamp(min=1e-20).log())).sum().item()
            count += len(p)
    return {"acceptance": kept / count, "divergence": divergence / count}


class Lesson(NamedTuple):
    """A batch and what the target says to it."""

    # int32 [rows, length] each.
    tokens: Tensor
    targets: Tensor
    documents: Tensor
    attention: Attention
    # [rows, length, width]
    features: Tensor
    # [rows, length, VOCABULARY]
    logits: Tensor


class DraftStep:
    """One draft's part of a step; compiled layer by layer on a GPU."""

    def __init__(self, draft: SpeechLM, recipe: Recipe, device: torch.device):
        self.draft, self.device, self.temperature = draft, device, recipe.temperature
        training = recipe.draft_training
        self.optimisers = optimisers_for(draft, training.learning_rate, training.weight_decay)
        self.loss = compiled(device, self._loss)
        compile_layers(draft, device)

    def _loss(self, hidden: Tensor, teacher: Tensor, targets: Tensor, turn: Tensor) -> tuple[Tensor, Tensor]:
        """The loss of one pass and its rejected share."""
        speaks = targets != NO_TARGET
        expected = torch.log_softmax(teacher.float() / self.temperature, -1)
        log_q = torch.log_softmax(self.draft.logits(hidden).float() / self.temperature, -1)
        p, q = expected.exp(), log_q.exp()
        divergence = (p * (expected - log_q)).sum(-1)
        rejected = 1 - acceptance(p, q)
        # Twice, for divergence is about two to three times the rejected share.
        loss = (1 - turn) * divergence + 2 * turn * rejected
        count = speaks.sum()
        return (loss * speaks).sum() / count, (rejected * speaks).sum() / count

    def backward(self, lesson: Lesson, turn: float, quantised: bool) -> Tensor:
        """The batch's rejected share, a mean over first and later draft tokens, still on the device; leaves the
        gradients."""
        self.draft.train()
        tokens, targets, documents, attention, features, teacher = lesson
        own = torch.rand(tokens.shape, device=self.device) < OWN_SHARE
        turned = torch.full((), turn, device=self.device)
        with self.draft.quantised(quantised):
            with torch.autocast(self.device.type, torch.bfloat16):
                passes = own_steps(self.draft, tokens, attention, documents, features, own)
                losses, rejected = zip(
                    *(self.loss(hidden, teacher, targets, turned) for hidden in passes), strict=True
                )
            sum(losses).backward()
        return torch.stack(rejected).mean().detach()
