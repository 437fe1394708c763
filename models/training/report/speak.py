"""First step of the report: every condition's tokens, and the teachers' sound, into `report/`."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from codec.model import Codec, load_codec
from layout import CODEBOOK, END, START, VOCABULARY, VOICE_BASE
from lm.acceptance import default_sampling
from lm.generate import BatchedDecoder
from lm.model import SpeechLM, baked, load_model
from lm.run import device_for, need_gpu
from processes import in_processes, process_count
from recipe import Recipe
from report.choice import Choice, read_choice
from report.coarse import Groups, mean_size
from report.conditions import (
    LIMIT_FACTOR,
    LIMIT_FRAMES,
    SEED,
    SWAPPED,
    Condition,
    conditions,
    thetas_around,
)
from report.rounds import COUNTERS, Decoded, Speculation, cache_length, decode
from report.sentences import PER_SPLIT, Sentence, choose, read_held_out
from report.sound import encode_sound
from report.takes import Takes
from report.teacher_speech import Readings
from texts.symbols import symbol_ids
from voices import VOICES
from workspace import MissingInput, Workspace

# Takes decoded side by side.
BATCH = 512


def speak(recipe: Recipe, workspace: Workspace, sentences: int = PER_SPLIT) -> None:
    """Makes what is missing of `report/plan.json`, `report/teacher.npz` and `report/takes-<condition>.npz`.

    A report that is begun is of so many `sentences` of each split.
    """
    need_gpu(recipe, "report")
    choice = read_choice(workspace)
    wanted = conditions(choice.theta, thetas_around(choice.theta, choice.floor, choice.cosines))
    chosen, _ = plan(workspace, sentences)
    write_plan(recipe, workspace, choice, wanted, chosen)
    missing = [c for c in wanted if c.method != "teacher" and not takes_file(workspace, c).exists()]
    # Swapped takes are made of the plain ones.
    for part in (
        [c for c in missing if c.method != "swapped"],
        [c for c in missing if c.method == "swapped"],
    ):
        if part:
            in_processes(min(process_count(), len(part)), speak_some, part, recipe, workspace)


def speak_some(rank: int, count: int, missing: list[Condition], recipe: Recipe, workspace: Workspace) -> None:
    """One process's conditions, every count-th."""
    device = device_for(recipe, "report")
    studio = Studio(recipe, workspace, read_choice(workspace), *plan(workspace), device)
    for condition in missing[rank::count]:
        started = time.monotonic()
        takes = studio.takes(condition)
        workspace.write(f"report/takes-{condition.name}.npz", takes.save)
        print(
            f"report: {condition.name}: {len(takes.tokens)} takes, "
            f"{sum(map(len, takes.tokens)) / recipe.frame_rate:.0f} s of speech "
            f"in {time.monotonic() - started:.1f} s",
            flush=True,
        )


def takes_file(workspace: Workspace, condition: Condition) -> Path:
    return workspace.root / f"report/takes-{condition.name}.npz"


def plan(workspace: Workspace, per_split: int = PER_SPLIT) -> tuple[list[Sentence], list[np.ndarray]]:
    """The report's sentences, and the teachers' sound, sentence by sentence, each by every voice. `per_split`
    sentences of each split, if none are chosen yet."""
    held_out = read_held_out(workspace.need("texts.jsonl.gz", "texts"))
    stored = workspace.root / "report/teacher.npz"
    if stored.exists():
        with np.load(stored) as archive:
            by_id = {sentence.id: sentence for sentence in held_out}
            offsets, sound = archive["offsets"], archive["sound"]
            sounds = [sound[a:b] for a, b in zip(offsets[:-1], offsets[1:], strict=True)]
            return [by_id[id] for id in archive["sentences"]], sounds
    readings = Readings(workspace)
    sentences = choose(held_out, readings.by_all_voices(), SEED, per_split)
    if not sentences:
        raise MissingInput(
            "No sentence of the report was spoken by every voice: run `python models/training speech` for longer."
        )
    sounds = [readings.sound(s.id, voice) for s in sentences for voice in range(len(VOICES))]

    def save(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                sentences=[s.id for s in sentences],
                sound=np.concatenate(sounds),
                offsets=np.cumsum([0, *map(len, sounds)]),
            )

    workspace.write("report/teacher.npz", save)
    return sentences, sounds


def write_plan(
    recipe: Recipe,
    workspace: Workspace,
    choice: Choice,
    wanted: list[Condition],
    sentences: list[Sentence],
) -> None:
    """What the later steps need to know, where neither checkpoints nor speech may be at hand."""
    sizes = {
        theta: mean_size(choice.cosines, theta) for theta in {c.theta for c in wanted if c.theta is not None}
    }
    record = {
        "seed": SEED,
        "theta": choice.theta,
        "floor": choice.floor,
        "draftLayers": choice.draft_layers,
        "sampling": vars(default_sampling(recipe)),
        "swapped": SWAPPED,
        "conditions": [
            {"name": c.name, "method": c.method, "theta": c.theta, "meanGroupSize": sizes.get(c.theta)}
            for c in wanted
        ],
        "sentences": [{"id": s.id, "split": s.split, "text": s.text} for s in sentences],
        "voices": [voice.name for voice in VOICES],
    }
    workspace.write("report/plan.json", lambda path: path.write_text(json.dumps(record, indent=1)))


class Studio:
    """Speaks every sentence by every voice under any condition."""

    def __init__(
        self,
        recipe: Recipe,
        workspace: Workspace,
        choice: Choice,
        sentences: list[Sentence],
        teacher: list[np.ndarray],
        device: torch.device,
    ):
        self.recipe, self.workspace, self.choice, self.device = recipe, workspace, choice, device
        self.teacher = teacher
        self.sampling = default_sampling(recipe)
        self.sentence_ids = np.repeat([s.id for s in sentences], len(VOICES))
        self.voices = np.tile(np.arange(len(VOICES)), len(sentences))
        self.prompts = [
            [*symbol_ids(sentence.words), VOICE_BASE + voice, START]
            for sentence in sentences
            for voice in range(len(VOICES))
        ]
        room = recipe.max_length - 2 * self.sampling.lookahead - 1
        self.limits = [
            min(LIMIT_FACTOR * len(sound) // recipe.codec.hop + LIMIT_FRAMES, room - len(prompt))
            for sound, prompt in zip(teacher, self.prompts, strict=True)
        ]
        self.target = self.model("target.pt", "target")
        self.draft = self.model(f"draft-{choice.draft_layers}.pt", "draft")
        # Takes of like length side by side: a batch is done when its last take is.
        order = np.argsort(self.limits, kind="stable")
        self.batches = [self.batch(order[at : at + BATCH]) for at in range(0, len(order), BATCH)]

    def model(self, name: str, made_by: str) -> SpeechLM:
        """A model with its weights rounded as the pack stores them."""
        path = self.workspace.need(name, made_by)
        return baked(load_model(path).to(self.device))

    def takes(self, condition: Condition) -> Takes:
        if condition.method == "resynthesis":
            return Takes.of_tokens(self.sentence_ids, self.voices, self.resynthesis_tokens())
        if condition.method == "swapped":
            return Takes.of_tokens(self.sentence_ids, self.voices, self.swapped_tokens(condition))
        return self.decoded(condition)

    def resynthesis_tokens(self) -> list[np.ndarray]:
        codec: Codec = load_codec(self.workspace.need("codec.pt", "codec")).to(self.device)
        return encode_sound(codec, self.teacher, self.recipe.codec.hop, self.device)

    def swapped_tokens(self, condition: Condition) -> list[np.ndarray]:
        plain = Takes.load(self.workspace.need("report/takes-plain.npz", "report"))
        members = (self.choice.cosines > condition.theta) & ~np.eye(CODEBOOK, dtype=bool)
        rng = np.random.default_rng(SEED)
        return [swap(tokens, members, rng) for tokens in plain.tokens]

    def decoded(self, condition: Condition) -> Takes:
        groups = None
        if condition.method == "pcg":
            groups = Groups.at(condition.theta, self.choice.cosines, VOCABULARY, self.device)
        generator = torch.Generator(self.device).manual_seed(SEED)
        with torch.inference_mode():
            parts = [self.decode_batch(batch, condition, groups, generator) for batch in self.batches]
        back = np.argsort(np.concatenate([batch.rows for batch in self.batches]))
        tokens = [tokens for part in parts for tokens in part.tokens]
        return Takes(
            sentences=self.sentence_ids,
            voices=self.voices,
            tokens=[tokens[i] for i in back],
            ended=np.concatenate([part.ended for part in parts])[back],
            counters={
                name: np.concatenate([part.counters[name] for part in parts])[back] for name in COUNTERS
            },
            group_sizes=np.concatenate([part.group_sizes for part in parts])[back],
        )

    def batch(self, rows: np.ndarray) -> "Batch":
        prompts = [self.prompts[row] for row in rows]
        limits = [self.limits[row] for row in rows]
        positions = cache_length(prompts, limits, self.sampling.lookahead)
        target, draft = (BatchedDecoder(model, len(rows), positions) for model in (self.target, self.draft))
        return Batch(rows, prompts, limits, target, draft)

    def decode_batch(
        self, batch: "Batch", condition: Condition, groups: Groups | None, generator: torch.Generator
    ) -> Decoded:
        speculation = Speculation(batch.draft, groups) if condition.speculative else None
        return decode(batch.target, speculation, batch.prompts, batch.limits, END, self.sampling, generator)


@dataclass(frozen=True)
class Batch:
    """Takes that are decoded side by side, and what decodes them."""

    # Indices of the takes.
    rows: np.ndarray
    prompts: list[list[int]]
    limits: list[int]
    target: BatchedDecoder
    draft: BatchedDecoder


def swap(tokens: np.ndarray, members: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """SWAPPED of the tokens, each for another member of its group drawn uniformly, if it has one.

    members [codebook, codebook]: whether t ∈ G(k), t ≠ k.
    """
    swapped = tokens.copy()
    for place in np.flatnonzero(rng.random(len(tokens)) < SWAPPED):
        others = np.flatnonzero(members[tokens[place]])
        if len(others):
            swapped[place] = rng.choice(others)
    return swapped
