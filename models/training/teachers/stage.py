"""The stage `speech`: the teachers speak the texts, in shards of finished takes.

    python models/training/teachers/fetch.py --to models/training/work/teachers   (where there is a network)
    python models/training speech                                                 (where there is a GPU)

Reads texts.jsonl.gz; writes speech/NNNN.npy and speech/index.jsonl. Kokoro's voices are spoken on the
GPU while Piper's use the other cores. A shard's lines reach the index once the shard is whole, so a
killed run goes on where it stopped. SPEECH_SECONDS, if set, stops the run after that time with what
is there; TEACHER_PROCESSES sets the number of Piper's processes.
"""

import json
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from recipe import Recipe, Speech
from voices import VOICES
from workspace import MissingInput, Workspace

from .finish import SAMPLE_RATE, FailedTake, Finished, finish
from .plan import Shard, Take, plan, read_sentences, shards

# Numbers of Piper's shards start here, Kokoro's at 0: either plan may grow without renaming the other's.
PIPER_SHARDS = 5000
KOKORO_SHARD_SECONDS = 6000.0
PIPER_SHARD_SECONDS = 900.0
# Sound that the vocoder computes at once.
GPU_BATCH_SECONDS = 400.0
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
        processes = int(os.environ.get("TEACHER_PROCESSES", max(1, (os.cpu_count() or 4) - 3)))
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(processes, max(1, len(self.piper))), mp_context=context)
        waiting: set[Future] = set()
        queue = iter(self.piper)

        def feed() -> None:
            """Keeps every process busy and no more, so that the time limit can stop the queue."""
            nonlocal waiting
            ready = {future for future in waiting if future.done()}
            waiting -= ready
            for future in ready:
                self.record(*future.result())
            while len(waiting) < processes + 2 and time.monotonic() < self.deadline:
                shard = next(queue, None)
                if shard is None:
                    break
                waiting.add(
                    pool.submit(
                        speak_piper_shard, shard, teachers, self.workspace.root, self.speech, self.deadline
                    )
                )

        feed()
        try:
            for lines, report in self.kokoro_shards(teachers):
                self.record(lines, report)
                feed()
            while waiting:
                wait(waiting, return_when="FIRST_COMPLETED")
                feed()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        self.summarise()

    def kokoro_shards(self, teachers: Path) -> Iterator[tuple[list[dict], Report]]:
        """Speaks shard by shard; threads finish one shard's takes while the GPU speaks the next."""
        if not self.kokoro:
            return
        from .kokoro_teacher import KokoroTeacher

        gpu = torch.cuda.is_available()
        device = torch.device("cuda" if gpu else "cpu")
        teacher = KokoroTeacher(teachers / "kokoro", device, GPU_BATCH_SECONDS if gpu else CPU_BATCH_SECONDS)
        print(f"speech: Kokoro is ready on {device} after {time.monotonic() - self.began:.0f} s", flush=True)
        with ThreadPoolExecutor(2) as finishing, ThreadPoolExecutor(1) as writing:
            written: Future | None = None
            for shard in self.kokoro:
                if time.monotonic() > self.deadline:
                    break
                pending = [
                    finishing.submit(finished_take, take, sound, windows)
                    for take, sound, windows in teacher.speak(list(shard.takes), self.speech)
                ]
                if written:
                    yield written.result()
                written = writing.submit(write_shard, shard, pending, self.workspace.root)
            if written:
                yield written.result()

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


def finished_take(
    take: Take, sound: np.ndarray, windows: list[tuple[int, int]]
) -> tuple[Take, Finished | FailedTake]:
    try:
        return take, finish(sound, windows, take.seconds, np.random.default_rng([take.seed, 1]))
    except FailedTake as failed:
        return take, failed


def write_shard(shard: Shard, pending: list[Future], root: Path) -> tuple[list[dict], Report]:
    """Writes a shard's sound whole and returns its index lines, takes in the plan's order."""
    done = {take.seed: (take, result) for take, result in (future.result() for future in pending)}
    return write_takes(shard, [done[take.seed] for take in shard.takes if take.seed in done], root)


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


def speak_piper_shard(
    shard: Shard, teachers: Path, root: Path, speech: Speech, deadline: float
) -> tuple[list[dict], Report]:
    """Runs in a process of its own. Past the deadline, what is spoken so far makes the shard."""
    from .piper_teacher import PiperTeacher

    torch.set_num_threads(1)
    teacher = PiperTeacher(teachers / "piper", VOICES[shard.takes[0].voice].name, shard.takes[0].seed)
    results = []
    for take in shard.takes:
        if time.monotonic() > deadline:
            break
        sound, windows = teacher.speak(take, speech)
        results.append(finished_take(take, sound, windows))
    return write_takes(shard, results, root)
