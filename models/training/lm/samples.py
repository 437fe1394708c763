"""Lets the target speak: what a draft will be asked to foresee is this, not the teachers' speech."""

import time
from itertools import islice

import numpy as np

from layout import VOICE_BASE
from lm.corpus import Corpus, Document
from lm.generate import Speaker, Take
from lm.model import SpeechLM, baked, load_model
from lm.run import device_for
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


def run(recipe: Recipe, workspace: Workspace) -> None:
    device = device_for(recipe, "samples")
    target = baked(load_model(workspace.need("target.pt", "target"))).to(device)
    random = np.random.default_rng(recipe.samples_seed)
    corpus = Corpus(recipe, workspace, "train")
    held_out = Corpus(recipe, workspace, "validation", corpus.texts)
    documents = list(islice(held_out.sentences(random), HELD_OUT))
    held_out_count = len(documents)
    documents += chosen(corpus, recipe, random)
    documents = [revoiced(document, random) for document in documents]

    started = time.monotonic()
    takes = spoken(target, documents, recipe, random, GPU_ROWS if device.type == "cuda" else CPU_ROWS)
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


def spoken(
    target: SpeechLM, documents: list[Document], recipe: Recipe, random: np.random.Generator, rows: int
) -> list[Take | None]:
    """The target's takes of the documents' prompts; None where the time was over before."""
    prompt_lengths = np.array([len(document.prompt) for document in documents])
    frames = np.array([len(document.codes) for document in documents])
    room = recipe.trained_length - prompt_lengths
    limits = np.minimum((frames * MOST_LENGTH).astype(int) + MORE_FRAMES, room)
    temperatures = random.uniform(recipe.temperature, 1.0, len(documents))
    caches = [length for length in CACHES if length < recipe.trained_length] + [recipe.trained_length]
    cache_of = np.searchsorted(caches, prompt_lengths + limits)
    expected = (prompt_lengths + frames).astype(float)
    takes: list[Take | None] = [None] * len(documents)
    for index, length in enumerate(caches):
        members = np.flatnonzero(cache_of == index)
        if not len(members):
            continue
        speaker = Speaker(target, min(rows, len(members)), length, recipe.top_p, recipe.samples_seed + index)
        seconds = recipe.samples_seconds * expected[members].sum() / expected.sum()
        started = time.monotonic()
        made = speaker.speak(
            [documents[i].prompt for i in members], limits[members], temperatures[members], seconds
        )
        for i, take in zip(members, made, strict=True):
            takes[i] = take
        count = sum(len(take.codes) for take in made if take)
        rate = count / (time.monotonic() - started)
        print(f"samples: {len(members)} of up to {length} positions, {rate:.0f} frames a second.", flush=True)
    return takes


def joined(runs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Runs of int16 behind one another, and where each starts, int64 [n + 1]."""
    offsets = np.concatenate([[0], np.cumsum([len(run) for run in runs])]).astype(np.int64)
    return np.concatenate(runs).astype(np.int16), offsets
