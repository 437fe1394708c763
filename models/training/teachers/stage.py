"""The stage `speech`: the teacher speaks the texts, in shards of finished takes.

    python models/training/teachers/fetch.py --to models/training/work/teachers   (where there is a network)
    python models/training speech                                                 (where there is a GPU)

Reads texts.jsonl.gz; writes speech/NNNN.npy, speech/NNNN-symbols.npy (see alignment.py) and
speech/index.jsonl. A shard's lines reach the index once the shard is whole, so a killed run goes on where
it stopped. SPEECH_SECONDS, if set, stops the run after that time with what is there; GPU_PROCESSES sets the
number of processes that share a GPU. All GPUs are used.
"""

import json
import multiprocessing
import os
import time
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from alignment import Track
from processes import end_with_parent, own_device, process_count, single_threaded
from recipe import Recipe, Speech
from voices import VOICES
from workspace import MissingInput, Workspace

from .finish import SAMPLE_RATE, FailedTake, Finished, finish
from .kokoro_model import AHEAD, FRAME
from .plan import Shard, Take, plan, read_sentences, shards

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

    from .kokoro_teacher import KokoroTeacher

SHARD_SECONDS = 3000.0
# Sound that the vocoder computes at once, at most.
GPU_BATCH_SECONDS = 200.0
CPU_BATCH_SECONDS = 24.0
# Recipes of fewer hours than this also run without a GPU.
HOURS_ON_CPU = 1.0


@dataclass
class Report:
    """What one shard came to."""

    shard: Shard
    # Seconds by voice index; takes dropped by reason.
    seconds: Counter
    failed: Counter


def run(recipe: Recipe, workspace: Workspace) -> None:
    """Raises MissingInput without texts, the teacher or, for a full recipe, a GPU."""
    speech = recipe.speech
    texts = workspace.need("texts.jsonl.gz", "texts")
    teachers = workspace.root / "teachers"
    if not (teachers / "kokoro/weights.npz").exists():
        raise MissingInput(
            f"{teachers / 'kokoro/weights.npz'} is missing: run"
            f" `python models/training/teachers/fetch.py --to {teachers}` first."
        )
    if speech.hours > HOURS_ON_CPU and not torch.cuda.is_available():
        raise MissingInput(f"Speaking {speech.hours:.0f} hours needs a CUDA GPU, and none was found.")
    Run(speech, workspace, plan(read_sentences(texts), len(VOICES), speech)).speak(teachers)


class Run:
    def __init__(self, speech: Speech, workspace: Workspace, takes: list[Take]):
        self.speech = speech
        self.workspace = workspace
        self.began = time.monotonic()
        limit = os.environ.get("SPEECH_SECONDS")
        self.deadline = self.began + float(limit) if limit else float("inf")
        self.index = workspace.path("speech/index.jsonl")
        self.seconds: Counter = Counter()
        self.failed: Counter = Counter()
        done = self.resume()
        self.resumed = sum(self.seconds.values())

        # A small recipe gets small shards, so that it too has several.
        scale = min(1.0, speech.hours / 4)
        planned_shards = shards(takes, SHARD_SECONDS * scale)
        self.shards = [shard for shard in planned_shards if shard.number not in done]
        planned = sum(take.seconds for take in takes) / 3600
        print(
            f"speech: {len(takes)} takes, about {planned:.2f} h, in {len(planned_shards)} shards;"
            f" {len(done)} already there",
            flush=True,
        )

    def resume(self) -> set[int]:
        """Counts what the index holds, less a half-written last line, and returns its shards."""
        done: set[int] = set()
        if not self.index.exists():
            return done
        text = self.index.read_text("utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            self.workspace.write("speech/index.jsonl", lambda path: path.write_text(whole, "utf-8"))
        for line in whole.splitlines():
            entry = json.loads(line)
            done.add(entry["shard"])
            self.seconds[entry["voice"]] += entry["length"] / SAMPLE_RATE
        return done

    def speak(self, teachers: Path) -> None:
        # A process is bound by its one Python thread, so that several share a GPU well.
        on_gpu = torch.cuda.is_available()
        count = process_count() * (int(os.environ.get("GPU_PROCESSES", 4)) if on_gpu else 1)
        task = (teachers, self.workspace.root, self.speech, self.deadline)
        left = iter(self.shards)
        waiting: set[Future] = set()
        if on_gpu:
            single_threaded()
        context = multiprocessing.get_context("spawn")
        turns = context.Value("i", 0)
        with ProcessPoolExecutor(count, context, take_gpu, (turns, process_count())) as pool:
            while True:
                # Keeps every process busy and no more, so that the time limit can stop the queue.
                while len(waiting) <= count and time.monotonic() < self.deadline:
                    shard = next(left, None)
                    if shard is None:
                        break
                    waiting.add(pool.submit(speak_shard, shard, *task))
                if not waiting:
                    break
                done, waiting = wait(waiting, return_when="FIRST_COMPLETED")
                for future in done:
                    self.record(*future.result())
        self.summarise()

    def record(self, lines: list[dict], report: Report) -> None:
        if lines:
            with self.index.open("a", encoding="utf-8") as index:
                index.write("".join(json.dumps(line) + "\n" for line in lines))
                index.flush()
                os.fsync(index.fileno())
        self.seconds.update(report.seconds)
        self.failed.update(report.failed)
        elapsed = time.monotonic() - self.began
        total = sum(self.seconds.values())
        print(
            f"speech: {elapsed:.0f} s, shard {report.shard.number:04d}, {total / 3600:.2f} h of"
            f" {self.speech.hours:g} h, {(total - self.resumed) / elapsed:.0f}× real time,"
            f" dropped {dict(self.failed)}",
            flush=True,
        )

    def summarise(self) -> None:
        for index, voice in enumerate(VOICES):
            print(f"speech: {voice.name} {self.seconds[index] / 3600:.3f} h")
        total = sum(self.seconds.values())
        elapsed = time.monotonic() - self.began
        late = " (stopped by SPEECH_SECONDS)" if time.monotonic() > self.deadline else ""
        print(
            f"speech: {total / 3600:.2f} h in {elapsed:.0f} s{late},"
            f" {(total - self.resumed) / elapsed:.0f}× real time",
            flush=True,
        )


def take_gpu(turns: "Synchronized[int]", gpus: int) -> None:
    """Gives each process of a pool a GPU in turn."""
    end_with_parent()
    with turns:
        turn, turns.value = turns.value, turns.value + 1
    if torch.cuda.is_available():
        torch.cuda.set_device(turn % gpus)


@cache
def kokoro_teacher(folder: Path) -> "KokoroTeacher":
    from .kokoro_teacher import KokoroTeacher

    batch_seconds = GPU_BATCH_SECONDS if torch.cuda.is_available() else CPU_BATCH_SECONDS
    return KokoroTeacher(folder, own_device(), batch_seconds)


def speak_shard(
    shard: Shard, teachers: Path, root: Path, speech: Speech, deadline: float
) -> tuple[list[dict], Report]:
    """Runs in a process of its own. Past the deadline, what is spoken so far makes the shard."""
    if torch.cuda.is_available():
        torch.set_num_threads(1)
    done = {}
    for spoken in kokoro_teacher(teachers / "kokoro").speak(list(shard.takes), speech):
        take = spoken.take
        try:
            random = np.random.default_rng([take.seed, 1])
            done[id(take)] = finish(spoken.sound, spoken.pauses, take.seconds, random), spoken.symbols
        except FailedTake as failed:
            done[id(take)] = failed, spoken.symbols
        if time.monotonic() > deadline:
            break
    results = [(take, *done[id(take)]) for take in shard.takes if id(take) in done]
    return write_takes(shard, results, root)


def write_takes(
    shard: Shard, results: list[tuple[Take, Finished | FailedTake, np.ndarray]], root: Path
) -> tuple[list[dict], Report]:
    """Each result with its symbols, one a frame of the teacher's."""
    report = Report(shard, Counter(), Counter())
    lines = []
    sounds = []
    kept = []
    start = 0
    for take, result, symbols in results:
        if isinstance(result, FailedTake):
            report.failed[str(result)] += 1
            continue
        lines.append(
            {
                "shard": shard.number,
                "start": start,
                "length": len(result.sound),
                "voice": take.voice,
                "texts": [sentence.id for sentence in take.sentences],
                "cuts": [int(cut) for cut in result.cuts],
            }
        )
        sounds.append(result.sound)
        kept.append((start, len(result.sound), symbols, FRAME, result.begin + AHEAD))
        start += len(result.sound)
        report.seconds[take.voice] += len(result.sound) / SAMPLE_RATE

    if sounds:
        track = Track(start)
        for each in kept:
            track.lay(*each)
        workspace = Workspace(root)
        for name, values in (
            (f"{shard.number:04d}-symbols.npy", track.symbols),
            (f"{shard.number:04d}.npy", np.concatenate(sounds)),
        ):
            workspace.write(f"speech/{name}", partial(save_array, values))
    return lines, report


def save_array(values: np.ndarray, path: Path) -> None:
    # By a file, for numpy would add its own ending to a name.
    with path.open("wb") as file:
        np.save(file, values)
