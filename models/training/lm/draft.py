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
from lm.features import drafted, features_of
from lm.model import Attention, SpeechLM, baked, load_model, save_model
from lm.optimiser import optimisers_for, schedule
from lm.packing import NO_TARGET, Batch, batch_loader
from lm.run import TrainingRun, device_for, worker_count
from lm.target import attention_for, compile_layers, compiled, descend, held_out_batches
from recipe import Recipe
from team import Team, train_together
from workspace import MissingInput, Workspace

# Documents of real speech to each of the samples: they are fewer, and a draft soon knows them by heart.
REAL_DOCUMENTS = 0.5
# The loss turns from divergence, which teaches fast, to what is measured: the rejected share itself.
TURN_BEGINS, TURN_ENDS, MOST_TURN = 0.25, 0.6, 0.9
# Rows of held-out speech that beginnings of drafts are compared on.
BEGINNING_ROWS = 6
# Share of the time that all drafts are tried in.
TRIED_SHARE = 1 / 3
# Share of positions whose features are the draft's own: those that a round's later draft tokens stand at.
OWN_SHARE = 0.65
# The deepest draft token of a round that is taught exactly.
DEEPEST = 4


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
    """All drafts for a while, then the one that is shipped for the rest of the time."""
    school = School(recipe, workspace, team)
    shipped, others = recipe.shipped_draft, set(recipe.draft_layers) - {recipe.shipped_draft}
    tried = workspace.root / "drafts-tried.json"
    if others and not tried.exists():
        drafts = {layers: school.started(layers) for layers in recipe.draft_layers}
        measured = school.teach(
            "draft-tried", drafts, recipe.draft_training.seconds * len(drafts), TRIED_SHARE
        )
        if team.leads:
            school.keep(drafts, "drafts-tried.json", measured)
    team.meet()
    if others:
        begun = load_model(workspace.need(f"draft-{shipped}.pt", "draft")).to(school.device)
    else:
        begun = school.started(shipped)
    draft = {shipped: begun}
    measured = school.teach("draft", draft, recipe.shipped_draft_seconds, 1.0)
    if team.leads:
        earlier = json.loads(tried.read_text()) if others else {}
        school.keep(draft, "drafts.json", {"tried": earlier, "shipped": measured})


class School:
    """What drafts are taught with: the target, its samples, and real speech."""

    def __init__(self, recipe: Recipe, workspace: Workspace, team: Team):
        self.recipe, self.workspace, self.team = recipe, workspace, team
        self.device = device_for(recipe, "draft")
        training = recipe.draft_training
        self.own = replace(training, rows=team.share(training.rows, training.team_rows))
        target = baked(load_model(workspace.need("target.pt", "target")))
        self.target = target.to(self.device).requires_grad_(False)
        self.samples = Samples(workspace)
        self.corpus = Corpus(recipe, workspace, "train")
        self.evaluation = held_out_batches(self.samples.held_out_documents(), training)
        self.attention = attention_for(target.config, self.own, self.device)
        torch.manual_seed(training.seed)
        compile_layers(self.target, self.device)

    def started(self, layers: int) -> SpeechLM:
        """The best beginning of a draft: the first layers, the last, or the first ones and the last one."""
        depth = self.target.config.layers
        first, last = list(range(layers)), list(range(depth - layers, depth))
        choices = {tuple(choice) for choice in (first, last, first[:-1] + last[-1:])}
        some = [Batch(*(tensor[:BEGINNING_ROWS] for tensor in batch)) for batch in self.evaluation[:1]]
        found = {
            choice: self.measure(extracted(self.target, list(choice)), some)["acceptance"]
            for choice in sorted(choices)
        }
        # Rounding may tip the scales, and differently on another GPU.
        best = [int(layer) for layer in self.team.decide(*max(found, key=found.get))]
        if self.team.leads:
            print(
                f"draft: {layers} of {depth} layers begins as {best}; acceptance untaught {found}.",
                flush=True,
            )
        return extracted(self.target, best)

    def teach(
        self, name: str, drafts: dict[int, SpeechLM], seconds: float, share: float
    ) -> dict[int, dict[str, float]]:
        """Teaches drafts on the same passes of the target, for so many seconds or the share of what is left, and
        measures them, in the leader."""
        recipe, team, training = self.recipe, self.team, self.recipe.draft_training
        steps = {layers: DraftStep(draft, recipe, self.device) for layers, draft in drafts.items()}
        progress = TrainingRun(
            self.workspace,
            name,
            training,
            {f"model-{layers}": draft for layers, draft in drafts.items()},
            {
                f"{kind}-{layers}": optimiser
                for layers, step in steps.items()
                for kind, optimiser in zip(("muon", "adamw"), step.optimisers, strict=True)
            },
            seconds=seconds,
            team=team,
        )
        loader = batch_loader(
            self.samples.among(self.corpus),
            self.own.rows,
            self.own.row,
            (training.seed, len(drafts), progress.starts, team.rank),
            worker_count(team),
        )
        if self.device.type == "cuda":
            for step in steps.values():
                step.backward(self.lesson(loader), 0.0, quantised=False)
                step.draft.zero_grad()
        team.meet()
        progress.fit(share)
        rejected = {layers: [] for layers in drafts}
        for due in progress.loop():
            quantised = progress.progress >= training.quantised_from
            turn = np.interp(progress.progress, (TURN_BEGINS, TURN_ENDS), (0.0, MOST_TURN))
            rate = training.learning_rate * schedule(progress.steps, progress.progress, training.warmup)
            shared = self.lesson(loader)
            for layers, step in steps.items():
                rejected[layers].append(step.backward(shared, float(turn), quantised))
                team.average_gradients(step.draft.parameters(), (shared.targets != NO_TARGET).sum())
                descend(step.draft, step.optimisers, rate)
            if due:
                means = {
                    f"rejected_{layers}": torch.stack(values).mean().item()
                    for layers, values in rejected.items()
                }
                progress.log(**means, rate=rate)
                rejected = {layers: [] for layers in drafts}
        if not team.leads:
            return {}
        measured = {}
        for layers, draft in drafts.items():
            measured[layers] = self.measure(baked(draft), self.evaluation)
            progress.log(**{f"{figure}_{layers}": value for figure, value in measured[layers].items()})
        progress.finish()
        return measured

    def lesson(self, loader: Iterator[Batch]) -> "Lesson":
        tokens, targets, documents = next(loader).to(self.device)
        attend = self.attention.of(documents)
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16):
            hidden = self.target(tokens, attend)
            features = features_of(hidden, documents).bfloat16()
            return Lesson(tokens, targets, documents, attend, features, self.target.logits(hidden))

    def measure(self, draft: SpeechLM, batches: list[Batch]) -> dict[str, float]:
        """Exact acceptance rate on the target's held-out speech, and the draft's divergence in nats a frame."""
        kept, divergence, count = 0.0, 0.0, 0
        with torch.compiler.set_stance("force_eager"):
            sampling = default_sampling(self.recipe)
            for p, q in distributions(self.target, draft.eval(), batches, sampling, self.device):
                kept += acceptance(p, q).sum().item()
                divergence += (p * (p.clamp(min=1e-20).log() - q.clamp(min=1e-20).log())).sum().item()
                count += len(p)
        return {"acceptance": kept / count, "divergence": divergence / count}

    def keep(self, drafts: dict[int, SpeechLM], name: str, measured: dict) -> None:
        """Writes drafts, and then what was measured."""
        for layers, draft in drafts.items():
            self.workspace.write(f"draft-{layers}.pt", lambda path, draft=draft: save_model(draft, path))
        self.workspace.write(name, lambda path: path.write_text(json.dumps(measured, indent=1) + "\n"))


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
        """The batch's rejected share as rounds have it, still on the device; leaves the gradients."""
        self.draft.train()
        tokens, targets, documents, attention, features, teacher = lesson
        own = torch.rand(tokens.shape, device=self.device) < OWN_SHARE
        turned = torch.full((), turn, device=self.device)
        with self.draft.quantised(quantised):
            with torch.autocast(self.device.type, torch.bfloat16):
                passes = drafted(self.draft, tokens, attention, documents, features, own, DEEPEST)
                losses, rejected = zip(
                    *(self.loss(hidden, teacher, targets, turned) for hidden in passes), strict=True
                )
            sum(losses).backward()
        return rejected[-1].detach()
