"""A training run bounded by seconds: its clock, checkpoints, progress lines and loss curves.

In a team the leader's clock is everybody's, and it alone writes.
"""

import json
import os
import signal
import time
from collections.abc import Iterator

import torch
from torch import nn

from deadline import seconds_left
from processes import STOPPED, own_device
from recipe import FULL, Recipe, Training
from team import ALONE, Team
from workspace import MissingInput, Workspace

CHECKPOINT_SECONDS = 60.0
PROGRESS_SECONDS = 10.0
# What checkpoints on the way and the last figures may take, where a deadline is set.
FINISHING_SECONDS = 20.0


def need_gpu(recipe: Recipe, stage: str) -> None:
    """Raises MissingInput for the full recipe without a GPU."""
    if recipe == FULL and not torch.cuda.is_available():
        raise MissingInput(f"The stage {stage} needs a CUDA GPU at the full recipe: run it where one is.")


def device_for(recipe: Recipe, stage: str) -> torch.device:
    """This process's GPU; the CPU for recipes small enough. Raises MissingInput like `need_gpu`."""
    need_gpu(recipe, stage)
    return own_device()


def worker_count(team: Team = ALONE) -> int:
    """Background processes that make batches: none where the training itself needs all cores."""
    return min(6, (os.cpu_count() or 1) // 2 // team.size) if torch.cuda.is_available() else 0


class TrainingRun:
    """Loops until the training's seconds are used, counted across resumptions, its compiling left out.

    Leaves `<name>.checkpoint` at most every minute and when asked to stop by SIGTERM, and appends to
    `losses-<name>.jsonl`.
    """

    def __init__(
        self,
        workspace: Workspace,
        name: str,
        training: Training,
        models: dict[str, nn.Module],
        optimisers: dict[str, torch.optim.Optimizer],
        seconds: float | None = None,
        team: Team = ALONE,
    ):
        self.workspace, self.name, self.team = workspace, name, team
        self.budget = training.seconds if seconds is None else seconds
        self.parts = {**models, **optimisers}
        self.steps, self.seconds, self.starts = 0, 0.0, 0
        self._asked_to_stop = False
        checkpoint = workspace.path(f"{name}.checkpoint")
        if checkpoint.exists():
            self._resume(torch.load(checkpoint, map_location="cpu", weights_only=True))
        self.starts += 1
        # Each process drops out others.
        torch.manual_seed(training.seed * 1000 + self.starts + 100 * team.rank)

    @property
    def progress(self) -> float:
        """From 0 to 1, by seconds."""
        return min(1.0, self.seconds / self.budget)

    def fit(self, share: float = 1.0) -> None:
        """Ends the run within a share of the time that is left to the stage, counted from now."""
        left = share * (seconds_left() - FINISHING_SECONDS)
        [self.budget] = self.team.decide(min(self.budget, self.seconds + max(1.0, left)))

    def loop(self) -> Iterator[bool]:
        """One turn a step; true when a progress line is due. Exits with 143 after SIGTERM."""
        previous = signal.signal(signal.SIGTERM, lambda *_: setattr(self, "_asked_to_stop", True))
        now = saved = time.monotonic()
        # At once after the first step, so that a slow start shows.
        told = -PROGRESS_SECONDS
        first = True
        while self.progress < 1:
            due = now - told >= PROGRESS_SECONDS
            yield due
            self.steps += 1
            if first and torch.cuda.is_available():
                torch.cuda.synchronize()
            earlier, now = now, time.monotonic()
            # The first step compiles.
            self.seconds += 0.0 if first else now - earlier
            first = False
            told = now if due else told
            # It may be asked while it tells the others what it decided, and then stops after the next step.
            self.seconds, stopped = self.team.decide(self.seconds, self._asked_to_stop)
            if self.team.leads and (stopped or now - saved >= CHECKPOINT_SECONDS):
                self._save()
                saved = now = time.monotonic()
            if stopped:
                # Only now may a process end: the leader has left its checkpoint.
                self.team.meet()
                raise SystemExit(STOPPED)
        signal.signal(signal.SIGTERM, previous)

    def log(self, **values: float) -> None:
        """Prints and appends one line of figures, in the leader."""
        if not self.team.leads:
            return
        line = {"step": self.steps, "seconds": round(self.seconds, 1), **values}
        with self.workspace.path(f"losses-{self.name}.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        figures = ", ".join(f"{key} {value:.4g}" for key, value in values.items())
        print(
            f"{self.name}: step {self.steps}, {self.seconds:.0f} of {self.budget:.0f} s, {figures}",
            flush=True,
        )

    def finish(self) -> None:
        """Forgets the checkpoint, once the result is written; the leader does."""
        self.workspace.path(f"{self.name}.checkpoint").unlink(missing_ok=True)

    def _save(self) -> None:
        state = {name: part.state_dict() for name, part in self.parts.items()}
        clock = {"steps": self.steps, "seconds": self.seconds, "starts": self.starts}
        self.workspace.write(f"{self.name}.checkpoint", lambda path: torch.save({**clock, **state}, path))

    def _resume(self, stored: dict) -> None:
        self.steps, self.seconds, self.starts = stored["steps"], stored["seconds"], stored["starts"]
        for name, part in self.parts.items():
            part.load_state_dict(stored[name])
        if self.team.leads:
            print(f"{self.name}: resumed at step {self.steps}, {self.seconds:.0f} s.", flush=True)
