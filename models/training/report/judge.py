"""Second step of the report: what independent judges say of every take, as JSON lines.

`report/judged-<condition>.jsonl` holds a line a take; a file that is there is not made again.
"""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from codec.model import load_codec
from processes import end_with_parent, in_processes, own_device, process_count, single_threaded
from recipe import Recipe
from report.failures import RATE
from report.hearing import Heard, hear
from report.judges import speakers
from report.judges.naturalness import NaturalnessJudge
from report.judges.recogniser import Recogniser
from report.records import records_name
from report.sound import decode_tokens
from report.takes import Takes
from workspace import Workspace

# Shorter sounds hold nothing to judge.
LEAST_SAMPLES = RATE // 10
REFERENCES = "report/references.npy"


class Panel:
    """All judges."""

    def __init__(self, recogniser: Path, device: torch.device):
        self.recogniser = Recogniser(recogniser, device)
        self.naturalness = NaturalnessJudge(device)

    def judge(self, takes: list[Heard], references: np.ndarray) -> list[dict]:
        """One record a take; references [takes, 256] are whom each should sound like."""
        audible = [i for i, take in enumerate(takes) if len(take.sound) >= LEAST_SAMPLES]
        sounds = [takes[i].sound for i in audible]
        texts = dict(zip(audible, self.recogniser.transcribe(sounds), strict=True))
        scores = dict(zip(audible, self.naturalness.score(sounds), strict=True))
        return [
            {
                "heard": texts.get(i, ""),
                "similarity": float(take.embedding @ reference) if take.embedding.any() else None,
                **take.measured,
                **scores.get(i, dict.fromkeys(("signal", "background", "overall"))),
            }
            for i, (take, reference) in enumerate(zip(takes, references, strict=True))
        ]


def judge(recipe: Recipe, workspace: Workspace) -> None:
    plan = json.loads(workspace.need("report/plan.json", "report").read_text())
    workspace.need("whisper.npz", "report")
    names = [condition["name"] for condition in plan["conditions"]]
    missing = [name for name in names if not (workspace.root / records_name(name)).exists()]
    if not missing:
        return
    if not (workspace.root / REFERENCES).exists():
        with listeners(1) as workers:
            write_references(recipe, workspace, workers, len(plan["voices"]))
    in_processes(min(process_count(), len(missing)), judge_some, missing, recipe, workspace)


def judge_some(rank: int, count: int, missing: list[str], recipe: Recipe, workspace: Workspace) -> None:
    """One process's conditions, every count-th."""
    plan = json.loads(workspace.need("report/plan.json", "report").read_text())
    sentences = np.repeat([sentence["id"] for sentence in plan["sentences"]], len(plan["voices"])).tolist()
    voices = plan["voices"] * len(plan["sentences"])
    references = np.load(workspace.root / REFERENCES)
    device = own_device()
    with listeners(count) as workers:
        sounds = Sounds(recipe, workspace, device)
        panel = Panel(workspace.need("whisper.npz", "report"), device)
        for name, takes in ahead(missing[rank::count], sounds, workers):
            started = time.monotonic()
            records = panel.judge(takes, references)
            lines = [
                json.dumps({"sentence": sentence, "voice": voice, **record})
                for sentence, voice, record in zip(sentences, voices, records, strict=True)
            ]
            text = "\n".join(lines) + "\n"
            workspace.write(records_name(name), lambda path, text=text: path.write_text(text))
            print(
                f"report: judged {name}: {len(records)} takes in {time.monotonic() - started:.1f} s",
                flush=True,
            )


def listeners(sharing: int) -> ProcessPoolExecutor:
    """Processes that hear takes, as many as this process's share of the cores."""
    single_threaded()
    # Threads of a forked process may hold locks for ever.
    return ProcessPoolExecutor(max(1, (os.cpu_count() or 1) // sharing), get_context("spawn"), _one_thread)


def _one_thread() -> None:
    end_with_parent()
    torch.set_num_threads(1)


class Sounds:
    """The sound of every take, from the teachers' own or through the codec."""

    def __init__(self, recipe: Recipe, workspace: Workspace, device: torch.device):
        self.workspace, self.device = workspace, device
        self.sample_rate = recipe.speech.sample_rate
        self.codec = load_codec(workspace.need("codec.pt", "codec")).to(device)

    def of(self, condition: str, rows: slice = slice(None)) -> list[np.ndarray]:
        """Float sounds within ±1, sentence by sentence, each by every voice."""
        if condition == "teacher":
            with np.load(self.workspace.need("report/teacher.npz", "report")) as stored:
                offsets, sound = stored["offsets"], stored["sound"]
            bounds = list(zip(offsets[:-1], offsets[1:], strict=True))[rows]
            return [sound[a:b].astype(np.float32) / 32768 for a, b in bounds]
        takes = Takes.load(self.workspace.need(f"report/takes-{condition}.npz", "report"))
        return decode_tokens(self.codec, takes.tokens[rows], takes.voices[rows], self.device)


def ahead(
    conditions: list[str], sounds: Sounds, workers: ProcessPoolExecutor
) -> Iterator[tuple[str, list[Heard]]]:
    """Each condition with its takes heard; the processes hear the next one while it is judged."""
    waiting: list[tuple[str, Iterator[Heard]]] = []
    for condition in conditions:
        waiting.append((condition, heard(sounds, condition, workers)))
        if len(waiting) > 1:
            done, takes = waiting.pop(0)
            yield done, list(takes)
    for done, takes in waiting:
        yield done, list(takes)


def heard(sounds: Sounds, condition: str, workers: ProcessPoolExecutor) -> Iterator[Heard]:
    """The takes of a condition, which the processes begin to hear at once."""
    takes = sounds.of(condition)
    return workers.map(hear, takes, [sounds.sample_rate] * len(takes), chunksize=4)


def write_references(recipe: Recipe, workspace: Workspace, workers: ProcessPoolExecutor, voices: int) -> None:
    """What each take's speaker is compared with, [takes, 256]."""
    sounds = Sounds(recipe, workspace, torch.device("cpu"))
    embeddings = np.stack([take.embedding for take in heard(sounds, "teacher", workers)])
    by_voice = embeddings.reshape(-1, voices, embeddings.shape[1])

    def save(path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, speakers.references(by_voice).reshape(embeddings.shape))

    workspace.write(REFERENCES, save)
