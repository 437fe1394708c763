"""Four sounds for the README, chosen by rule: the report's first Harvard sentence, by the first voice.

Made in the work folder, where the teachers' sound is; the README's folder gets copies at the full recipe.
"""

import json
import shutil
import wave
from pathlib import Path

import numpy as np
import torch

from recipe import FULL, Recipe
from report.judge import Sounds
from workspace import Workspace

ASSETS = Path(__file__).parents[3] / "assets" / "listen"
VOICE = 0
LEVEL = 32767


def samples(recipe: Recipe, workspace: Workspace) -> None:
    folder = workspace.path("report/listen")
    plan = json.loads(workspace.need("report/plan.json", "report").read_text())
    wanted = {folder / f"{name}.wav": condition for name, condition in shown(plan).items()}
    missing = {file: condition for file, condition in wanted.items() if not file.exists()}
    if missing:
        sentence = next(i for i, s in enumerate(plan["sentences"]) if s["split"] == "harvard")
        row = sentence * len(plan["voices"]) + VOICE
        sounds = Sounds(recipe, workspace, torch.device("cpu"))
        folder.mkdir(parents=True, exist_ok=True)
        for file, condition in missing.items():
            [sound] = sounds.of(condition, slice(row, row + 1))
            write_wav(file, sound, recipe.speech.sample_rate)
    if recipe == FULL:
        ASSETS.mkdir(parents=True, exist_ok=True)
        for file in wanted:
            shutil.copyfile(file, ASSETS / file.name)


def shown(plan: dict) -> dict[str, str]:
    """File name and condition of each sound."""
    pcg = next(c for c in plan["conditions"] if c["method"] == "pcg" and c["theta"] == plan["theta"])
    return {"teacher": "teacher", "plain": "plain", "exact": "exact", "pcg": pcg["name"]}


def write_wav(path: Path, sound: np.ndarray, sample_rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.rint(sound * LEVEL).astype("<i2").tobytes())
