"""The shipped graphs in the app's own engine, against the batched decoder: the figures must agree."""

import json
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from recipe import Recipe
from report.hearing import hear
from report.judge import Panel
from workspace import MissingInput, Workspace

ROOT = Path(__file__).parents[3]
# Of each split, the first of the report's sentences; voices take turns.
PER_SPLIT = 10
METHODS = ("plain", "exact", "pcg")


def crosscheck(_: Recipe, workspace: Workspace) -> None:
    """Adds what is missing to `report/crosscheck.jsonl`: a line a take."""
    plan = json.loads(workspace.need("report/plan.json", "report").read_text())
    references = np.load(workspace.need("report/references.npy", "report"))
    whisper = workspace.need("whisper.npz", "report")
    pack = workspace.need("pack", "export")
    store = workspace.path("report/crosscheck.jsonl")
    done = {_key(json.loads(line)) for line in store.read_text().splitlines()} if store.exists() else set()
    wanted = [take for take in _takes(plan) if _key(take) not in done]
    if not wanted:
        return
    panel = Panel(whisper, torch.device("cpu"))
    with tempfile.TemporaryDirectory() as folder, store.open("a") as lines:
        for take in wanted:
            out = Path(folder) / "take.wav"
            spoken = _speak(plan, pack, take, out)
            reference = references[[take["row"] * len(plan["voices"]) + take["voice"]]]
            [record] = panel.judge([hear(*_read_wav(out))], reference)
            kept = {name: spoken[name] for name in ("counters", "seconds", "device", "pack")}
            lines.write(json.dumps({**take, **record, **kept}) + "\n")
            lines.flush()
            print(f"report: the app spoke sentence {take['sentence']}, {take['method']}", flush=True)


def _takes(plan: dict) -> Iterator[dict]:
    for split in sorted({s["split"] for s in plan["sentences"]}):
        rows = [i for i, s in enumerate(plan["sentences"]) if s["split"] == split][:PER_SPLIT]
        for turn, row in enumerate(rows):
            for method in METHODS:
                yield {
                    "row": row,
                    "sentence": plan["sentences"][row]["id"],
                    "voice": turn % len(plan["voices"]),
                    "method": method,
                }


def _key(take: dict) -> tuple:
    return take["sentence"], take["voice"], take["method"]


def _speak(plan: dict, pack: Path, take: dict, out: Path) -> dict:
    """What the app's command line reports. Raises MissingInput with its words where it fails."""
    sampling = plan["sampling"]
    flags = {
        "text": plan["sentences"][take["row"]]["text"],
        "voice": plan["voices"][take["voice"]],
        "method": take["method"],
        "theta": plan["theta"],
        "lookahead": sampling["lookahead"],
        "temperature": sampling["temperature"],
        "top-p": sampling["top_p"],
        "top-k": sampling["top_k"],
        "seed": plan["seed"] + take["row"],
        "device": "cpu",
        "pack": pack.resolve(),
        "out": out.resolve(),
    }
    command = ["npm", "run", "--silent", "speak", "--", "--json"]
    command += [f"--{name}={value}" for name, value in flags.items()]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise MissingInput(f"The app could not speak sentence {take['sentence']}: {ran.stderr.strip()}")
    return json.loads(ran.stdout)


def _read_wav(path: Path) -> tuple[np.ndarray, int]:
    with wave.open(str(path), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.astype(np.float32) / 32768, file.getframerate()
