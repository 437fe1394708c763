"""Lets the target speak: what a draft will be asked to foresee is this, not the teachers' speech."""

import time
from itertools import islice
from typing import NamedTuple

import numpy as np

from deadline import seconds_left
from layout import VOICE_BASE
from lm.corpus import Corpus, Document
from lm.generate import Speaker, Take
from lm.model import baked, load_model
from lm.run import device_for, need_gpu
from processes import in_processes, process_count
from recipe import Recipe
from voices import VOICES
from workspace import Workspace

# Takes spoken at once.
GPU_ROWS, CPU_ROWS = 1024, 8
# Cache lengths: short takes are not to read long caches.
CACHES = (256, 384, 512, 768)
# A take that is longer than the teacher's by this factor and so many frames will not stop any more.
MOST_LENGTH, MORE_FRAMES = 1.7, 60
# Documents of the validation split, for measuring drafts.
HELD_OUT = 500
# What the last takes and the writing may take, where a deadline is set.
FINISHING_SECONDS = 15.0


def run(recipe: Recipe, workspace: Workspace) -> None:
    need_gpu(recipe, "samples")
    workspace.need("target.pt", "target")
    random = np.random.default_rng(recipe.samples_seed)
    corpus = Corpus(recipe, workspace, "train")
    held_out = Corpus(recipe, workspace, "validation", corpus.texts)
    documents = list(islice(held_out.sentences(random), HELD_OUT))
    held_out_count = len(documents)
    documents += chosen(corpus, recipe, random)
    documents = [revoiced(document, random) for document in documents]

    started = time.monotonic()
    asked = questions(documents, recipe, random)
    count = process_count()
    takes: list[Take | None] = [None] * len(documents)
    for rank, made in enumerate(in_processes(count, speak, asked, recipe, workspace)):
        takes[rank::count] = made
    kept = [i for i, take in enumerate(takes) if take and take.ended and len(take.codes)]
    begun = sum(take is not None for take in takes)
    hours = sum(len(takes[i].codes) for i in kept) / recipe.frame_rate / 3600
    print(
        f"samples: {hours:.2f} h in {time.monotonic() - started:.0f} s; {begun} of {len(takes)} begun, "
        f"{begun - len(kept)} did not stop or were empty and are left out.",
        flush=True,
    )

    def save(path: object) -> None:
        codes, offsets = joined([takes[i].codes for i in kept])
        symbols, symbol_offsets = joined([documents[i].prompt[:-2] for i in kept])
        voices = np.array([documents[i].prompt[-2] - VOICE_BASE for i in kept], np.int8)
        with open(path, "wb") as file:
            np.savez(
                file,
                codes=codes,
                offsets=offsets,
                voices=voices,
                symbols=symbols,
                symbol_offsets=symbol_offsets,
                held_out=np.array(kept) < held_out_count,
            )

    workspace.write("samples.npz", save)


def chosen(corpus: Corpus, recipe: Recipe, random: np.random.Generator) -> list[Document]:
    """Training documents of as many frames as are wanted, each utterance used once before any is used again."""
    wanted = recipe.samples_hours * 3600 * recipe.frame_rate
    documents: list[Document] = []
    while wanted > 0:
        for document in corpus.epoch(random):
            documents.append(document)
            wanted -= len(document.codes)
            if wanted <= 0:
                break
    return documents


def revoiced(document: Document, random: np.random.Generator) -> Document:
    """The document asked of any voice."""
    prompt = document.prompt.copy()
    prompt[-2] = VOICE_BASE + random.integers(len(VOICES))
    return Document(prompt, document.codes)


class Question(NamedTuple):
    """What the target is asked to speak."""

    prompt: np.ndarray
    # Frames that the teacher's take has, and that this one may have.
    frames: int
    limit: int
    temperature: float


def questions(documents: list[Document], recipe: Recipe, random: np.random.Generator) -> list[Question]:
    prompt_lengths = np.array([len(document.prompt) for document in documents])
    frames = np.array([len(document.codes) for document in documents])
    room = recipe.trained_length - prompt_lengths
    limits = np.minimum((frames * MOST_LENGTH).astype(int) + MORE_FRAMES, room)
    temperatures = random.uniform(recipe.temperature, 1.0, len(documents))
    return [
        Question(document.prompt, int(length), int(limit), float(temperature))
        for document, length, limit, temperature in zip(documents, frames, limits, temperatures, strict=True)
    ]


def speak(
    rank: int, count: int, asked: list[Question], recipe: Recipe, workspace: Workspace
) -> list[Take | None]:
    """One process's takes, every count-th; None where the time was over before."""
    device = device_for(recipe, "samples")
    target = baked(load_model(workspace.need("target.pt", "target"))).to(device)
    rows = GPU_ROWS if device.type == "cuda" else CPU_ROWS
    mine = asked[rank::count]
    prompts = [question.prompt for question in mine]
    prompt_lengths = np.array([len(prompt) for prompt in prompts])
    limits = np.array([question.limit for question in mine])
    temperatures = np.array([question.temperature for question in mine])
    caches = [length for length in CACHES if length < recipe.trained_length] + [recipe.trained_length]
    cache_of = np.searchsorted(caches, prompt_lengths + limits)
    expected = prompt_lengths + np.array([question.frames for question in mine], float)
    takes: list[Take | None] = [None] * len(mine)
    whole = max(1.0, min(recipe.samples_seconds, seconds_left() - FINISHING_SECONDS))
    for index, length in enumerate(caches):
        members = np.flatnonzero(cache_of == index)
        if not len(members):
            continue
        seed = recipe.samples_seed + index + len(caches) * rank
        speaker = Speaker(target, min(rows, len(members)), length, recipe.top_p, seed)
        seconds = whole * expected[members].sum() / expected.sum()
        started = time.monotonic()
        made = speaker.speak([prompts[i] for i in members], limits[members], temperatures[members], seconds)
        for i, take in zip(members, made, strict=True):
            takes[i] = take
        frames = sum(len(take.codes) for take in made if take)
        rate = frames / (time.monotonic() - started)
        print(f"samples: {len(members)} of up to {length} positions, {rate:.0f} frames a second.", flush=True)
    return takes


def joined(runs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Runs of int16 behind one another, and where each starts, int64 [n + 1]."""
    offsets = np.concatenate([[0], np.cumsum([len(run) for run in runs])]).astype(np.int64)
    return np.concatenate([np.zeros(0, np.int16), *runs]).astype(np.int16), offsets
