"""The stage `speech`: the teachers speak the texts, in shards of finished takes.

    python models/training/teachers/fetch.py --to models/training/work/teachers   (where there is a network)
    python models/training speech                                                 (where there is a GPU)

Reads texts.jsonl.gz; writes speech/NNNN.npy and speech/index.jsonl. Kokoro's voices are spoken on the
GPU while Piper's use the other cores. A shard's lines reach the index once the shard is whole, so a
killed run goes on where it stopped. SPEECH_SECONDS, if set, stops the run after that time with what
is there; GPU_PROCESSES and TEACHER_PROCESSES set the number of Kokoro's and of Piper's processes.
"""

import json
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from recipe import Recipe, Speech
from voices import VOICES
from workspace import MissingInput, Workspace

from .finish import SAMPLE_RATE, FailedTake, Finished, finish
from .plan import Shard, Take, plan, read_sentences, shards

if TYPE_CHECKING:
    from .kokoro_teacher import KokoroTeacher

# Numbers of Piper's shards start here, Kokoro's at 0: either plan may grow without renaming the other's.
PIPER_SHARDS = 5000
KOKORO_SHARD_SECONDS = 3000.0
PIPER_SHARD_SECONDS = 900.0
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
    """Raises MissingInput without texts, teachers or, for a full recipe, a GPU."""
    speech = recipe.speech
    texts = workspace.need("texts.jsonl.gz", "texts")
    teachers = workspace.root / "teachers"
    for folder in ("kokoro/weights.npz", "piper/joe.onnx"):
        if not (teachers / folder).exists():
            raise MissingInput(
                f"{teachers / folder} is missing: run"
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
        by_teacher = {"kokoro": [], "piper": []}
        for take in takes:
            by_teacher[VOICES[take.voice].teacher].append(take)
        kokoro = shards(by_teacher["kokoro"], KOKORO_SHARD_SECONDS * scale, 0)
        piper = shards(by_teacher["piper"], PIPER_SHARD_SECONDS * scale, PIPER_SHARDS)
        self.kokoro = [shard for shard in kokoro if shard.number not in done]
        self.piper = [shard for shard in piper if shard.number not in done]
        planned = sum(take.seconds for take in takes) / 3600
        print(
            f"speech: {len(takes)} takes, about {planned:.2f} h, in {len(kokoro)} + {len(piper)} shards;"
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
        context = multiprocessing.get_context("spawn")
        queues: list[tuple[ProcessPoolExecutor, int, Iterator[Shard]]] = []
        for shards_left, processes in ((self.kokoro, kokoro_processes()), (self.piper, piper_processes())):
            if shards_left:
                pool = ProcessPoolExecutor(min(processes, len(shards_left)), mp_context=context)
                queues.append((pool, processes, iter(shards_left)))
        task = (teachers, self.workspace.root, self.speech, self.deadline)
        waiting: dict[Future, int] = {}

        def feed() -> None:
            """Keeps every process busy and no more, so that the time limit can stop the queues."""
            for number, (pool, processes, left) in enumerate(queues):
                while list(waiting.values()).count(number) <= processes and time.monotonic() < self.deadline:
                    shard = next(left, None)
                    if shard is None:
                        break
                    waiting[pool.submit(speak_shard, shard, *task)] = number

        try:
            feed()
            while waiting:
                for future in wait(waiting, return_when="FIRST_COMPLETED").done:
                    del waiting[future]
                    self.record(*future.result())
                feed()
        finally:
            for pool, _, _ in queues:
                pool.shutdown(wait=True, cancel_futures=True)
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


def kokoro_processes() -> int:
    """A process is bound by its one Python thread, so that several share a GPU well."""
    return int(os.environ.get("GPU_PROCESSES", 4)) if torch.cuda.is_available() else 1


def piper_processes() -> int:
    return int(os.environ.get("TEACHER_PROCESSES", max(1, (os.cpu_count() or 4) - kokoro_processes() - 2)))


@cache
def kokoro_teacher(folder: Path) -> "KokoroTeacher":
    from .kokoro_teacher import KokoroTeacher

    gpu = torch.cuda.is_available()
    device = torch.device("cuda" if gpu else "cpu")
    return KokoroTeacher(folder, device, GPU_BATCH_SECONDS if gpu else CPU_BATCH_SECONDS)


def raw_takes(
    shard: Shard, teachers: Path, speech: Speech
) -> Iterator[tuple[Take, np.ndarray, list[tuple[int, int]]]]:
    """Each take's sound as its teacher speaks it, and the sample ranges of its pauses."""
    voice = VOICES[shard.takes[0].voice]
    if voice.teacher == "kokoro":
        yield from kokoro_teacher(teachers / "kokoro").speak(list(shard.takes), speech)
        return
    from .piper_teacher import PiperTeacher

    teacher = PiperTeacher(teachers / "piper", voice.name, shard.takes[0].seed)
    for take in shard.takes:
        yield take, *teacher.speak(take, speech)


def speak_shard(
    shard: Shard, teachers: Path, root: Path, speech: Speech, deadline: float
) -> tuple[list[dict], Report]:
    """Runs in a process of its own. Past the deadline, what is spoken so far makes the shard."""
    if VOICES[shard.takes[0].voice].teacher == "piper" or torch.cuda.is_available():
        torch.set_num_threads(1)
    done = {}
    for take, sound, windows in raw_takes(shard, teachers, speech):
        try:
            done[id(take)] = finish(sound, windows, take.seconds, np.random.default_rng([take.seed, 1]))
        except FailedTake as failed:
            done[id(take)] = failed
        if time.monotonic() > deadline:
            break
    return write_takes(shard, [(take, done[id(take)]) for take in shard.takes if id(take) in done], root)


def write_takes(
    shard: Shard, results: list[tuple[Take, Finished | FailedTake]], root: Path
) -> tuple[list[dict], Report]:
    report = Report(shard, Counter(), Counter())
    lines = []
    sounds = []
    start = 0
    for take, result in results:
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
        start += len(result.sound)
        report.seconds[take.voice] += len(result.sound) / SAMPLE_RATE

    def save(path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, np.concatenate(sounds))

    if sounds:
        Workspace(root).write(f"speech/{shard.number:04d}.npy", save)
    return lines, report
