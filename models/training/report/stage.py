"""Measures the pack: `REPORT.md`, `report.json` and plots in `models/default`, step by step.

Every step keeps what it has made in the work folder's `report/`, so the whole can be repeated, resumed, or
done step by step on different machines: `python -m report STEP` in `models/training`.
"""

from recipe import Recipe
from report.crosscheck import crosscheck
from report.judge import judge
from report.pack_whisper import pack_whisper
from report.samples import samples
from report.speak import speak
from report.write import write
from workspace import Workspace


def run(recipe: Recipe, workspace: Workspace) -> None:
    pack_whisper(recipe, workspace)
    speak(recipe, workspace)
    judge(recipe, workspace)
    samples(recipe, workspace)
    crosscheck(recipe, workspace)
    write(recipe, workspace)
