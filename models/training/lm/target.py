"""Trains the target: the speech language model that the pack's voices speak by."""

import json
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lm.attention import PackedAttention, dense_attention
from lm.corpus import Corpus, Document
from lm.model import SpeechLM, head_size_of, load_model, save_model
from lm.optimiser import optimisers_for, schedule
from lm.packing import NO_TARGET, Batch, batch_loader, fill_rows, packed
from lm.run import TrainingRun, device_for, worker_count
from recipe import Decoder, Recipe, Training
from team import ALONE, Team, train_together
from workspace import ADOPTED_HOURS, ADOPTED_TARGET, Workspace

EVALUATION_SECONDS = 60.0
# A function is compiled anew for training, teaching and each draft: more often than the compiler expects of
# sound code.
torch._dynamo.config.recompile_limit = 32
EVALUATION_BATCHES = 3
LARGEST_GRADIENT = 1.0
# Compiled gradients may diverge by so much from plain ones.
MOST_DIVERGENCE = 0.2


def run(recipe: Recipe, workspace: Workspace) -> None:
    train_together(train, recipe, workspace)


def train(recipe: Recipe, workspace: Workspace, team: Team) -> None:
    device = device_for(recipe, "target")
    training = recipe.target_training
    own = replace(training, rows=team.share(training.rows, training.team_rows))
    corpus = Corpus(recipe, workspace, "train")
    held_out = Corpus(recipe, workspace, "validation", corpus.texts)
    if team.leads:
        hours, spoken = (
            frames / recipe.frame_rate / 3600 for frames in (corpus.frames, corpus.spoken_frames)
        )
        print(f"target: {spoken:.1f} h of speech, {hours:.1f} h with all readings.", flush=True)
        before = workspace.root / ADOPTED_HOURS
        learned = {
            "hours": spoken,
            "hoursOfReadings": hours,
            "readings": len(corpus.utterances),
            "hoursBefore": json.loads(before.read_text()) if before.exists() else 0,
        }
        workspace.write("corpus.json", lambda path: path.write_text(json.dumps(learned) + "\n"))

    torch.manual_seed(training.seed)
    model = SpeechLM(recipe.target)
    highest = training.learning_rate
    adopted = workspace.root / ADOPTED_TARGET
    if adopted.exists():
        model.load_state_dict(load_model(adopted).state_dict())
        highest *= training.going_on_rate
        if team.leads:
            print("target: going on from the adopted pack's.", flush=True)
    model.to(device)
    muon, adamw = optimisers_for(model, highest, training.weight_decay)
    progress = TrainingRun(
        workspace, "target", training, {"model": model}, {"muon": muon, "adamw": adamw}, team=team
    )
    seed = (training.seed, progress.starts, team.rank)
    loader = batch_loader(corpus.epoch, own.rows, own.row, seed, worker_count(team))
    evaluation = held_out_batches(held_out.sentences(np.random.default_rng(training.seed)), training)
    step = TargetStep(model, own, device, team)
    step.warm_up(next(loader).to(device))
    team.meet()
    progress.fit()
    evaluated = progress.seconds
    losses: list[Tensor] = []
    for due in progress.loop():
        rate = highest * schedule(progress.steps, progress.progress, training.warmup)
        quantised = progress.progress >= training.quantised_from
        losses.append(step(next(loader).to(device), [muon, adamw], rate, quantised))
        if due:
            progress.log(loss=torch.stack(losses).mean().item(), rate=rate)
            losses.clear()
        if progress.seconds - evaluated >= EVALUATION_SECONDS:
            evaluated = progress.seconds
            if team.leads:
                progress.log(**evaluate(model, evaluation, device))
    if team.leads:
        progress.log(**evaluate(model, evaluation, device))
        workspace.write("target.pt", lambda path: save_model(model, path))
        progress.finish()


class TargetStep:
    """One step of the training; compiled layer by layer on a GPU."""

    def __init__(self, model: SpeechLM, training: Training, device: torch.device, team: Team = ALONE):
        self.model, self.device, self.team = model, device, team
        self.attention = attention_for(model.config, training, device)
        self.loss = compiled(device, self._loss)
        compile_layers(model, device)

    def _loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        logits = self.model.logits(hidden).float()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten().long(), ignore_index=NO_TARGET)

    def backward(self, batch: Batch, quantised: bool = False, plain: bool = False) -> Tensor:
        """Nats a token of the batch; leaves the gradients. `plain` computes densely, in full precision and
        without compiling."""
        attention = dense_attention(batch.documents) if plain else self.attention.of(batch.documents)
        stance = torch.compiler.set_stance("force_eager") if plain else nullcontext()
        with stance, self.model.quantised(quantised):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=not plain):
                hidden = self.model(batch.tokens, attention)
                loss = (self._loss if plain else self.loss)(hidden, batch.targets)
            loss.backward()
        return loss.detach()

    def warm_up(self, batch: Batch) -> None:
        """Compiles what the training will run, so that the clock need not count it, and checks its gradients:
        where they are not the plain model's, it says so on standard error and computes plainly."""
        if self.device.type != "cuda":
            return
        self.model.train()
        worst = max(self.divergence(batch, quantised) for quantised in (False, True))
        if self.team.leads:
            print(f"target: compiled gradients diverge by {worst:.3f} from plain ones.", flush=True)
        if worst > MOST_DIVERGENCE:
            print(
                "The compiled model has other gradients: training goes on without compiling.", file=sys.stderr
            )
            torch.compiler.set_stance("force_eager")
            self.attention.by_blocks = False

    def divergence(self, batch: Batch, quantised: bool) -> float:
        """1 − the cosine of compiled and plain gradients, for the kind of weight where they differ most, less the
        same for plain gradients under two draws of dropout: 0 or so if all is well, 1 for unrelated gradients."""
        compiled = self._gradients(batch, quantised, plain=False)
        plain, other = (self._gradients(batch, quantised, plain=True) for _ in range(2))
        return max(
            (
                F.cosine_similarity(plain[kind], other[kind], 0) - F.cosine_similarity(plain[kind], ours, 0)
            ).item()
            for kind, ours in compiled.items()
        )

    def _gradients(self, batch: Batch, quantised: bool, plain: bool) -> dict[str, Tensor]:
        """Gradients by kind of weight: those of all layers are one vector."""
        self.backward(batch, quantised, plain)
        kinds: dict[str, list[Tensor]] = {}
        for name, parameter in self.model.named_parameters():
            kinds.setdefault(re.sub(r"\d+\.", "", name), []).append(parameter.grad.flatten())
        self.model.zero_grad()
        return {kind: torch.cat(gradients) for kind, gradients in kinds.items()}

    def __call__(
        self, batch: Batch, optimisers: list[torch.optim.Optimizer], rate: float, quantised: bool
    ) -> Tensor:
        """A step at a learning rate, by the team's gradients; the loss of this batch, still on the device."""
        self.model.train()
        loss = self.backward(batch, quantised)
        self.team.average_gradients(self.model.parameters(), (batch.targets != NO_TARGET).sum())
        descend(self.model, optimisers, rate)
        return loss


def attention_for(config: Decoder, training: Training, device: torch.device) -> PackedAttention:
    return PackedAttention(
        training.rows, training.row, config.heads, config.kv_heads, head_size_of(config), device
    )


def compiled(device: torch.device, function: Callable) -> Callable:
    """The function compiled for a GPU; as it is for the CPU, where compiling takes longer than it saves."""
    return torch.compile(function, dynamic=False) if device.type == "cuda" else function


def compile_layers(model: SpeechLM, device: torch.device) -> None:
    """Compiles the halves of a layer once for all layers."""
    if device.type == "cuda":
        for layer in model.layers:
            layer.attention_inputs.compile(dynamic=False)
            layer.feed_forward.compile(dynamic=False)


def descend(model: SpeechLM, optimisers: list[torch.optim.Optimizer], rate: float) -> None:
    """Steps all optimisers at a learning rate and clears the gradients."""
    torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
    model.zero_grad()


def held_out_batches(documents: Iterable[Document], training: Training) -> list[Batch]:
    """The first documents that fill a few batches."""
    waiting = [document for document in documents if document.positions <= training.row]
    filled = []
    for _ in range(EVALUATION_BATCHES):
        rows, waiting = fill_rows(waiting, training.rows, training.row)
        if rows[0]:
            filled.append(packed(rows, training.row))
    return filled


@torch.no_grad()
def evaluate(model: SpeechLM, batches: list[Batch], device: torch.device) -> dict[str, float]:
    """Held-out nats a frame, END counted as one, in full precision and with the weights that are stored."""
    model.eval()
    found = {}
    # A few passes are over before a compiler would have started.
    with torch.compiler.set_stance("force_eager"):
        for name, quantised in (("held_out", False), ("held_out_quantised", True)):
            with model.quantised(quantised):
                found[name] = nats_a_frame(model, batches, device)
    return found


def nats_a_frame(model: SpeechLM, batches: list[Batch], device: torch.device) -> float:
    total, frames = 0.0, 0
    for batch in batches:
        tokens, targets, documents = batch.to(device)
        logits = model.logits(model(tokens, dense_attention(documents)))
        targets = targets.flatten().long()
        total += F.cross_entropy(
            logits.flatten(0, 1), targets, ignore_index=NO_TARGET, reduction="sum"
        ).item()
        frames += int((targets != NO_TARGET).sum())
    return total / frames
