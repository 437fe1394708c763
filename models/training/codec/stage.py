"""Trains the speech codec: `codec.pt`, and its loss curves in `losses-codec.jsonl`."""

import json
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from codec.measure import measure
from codec.model import load_codec, save_codec
from codec.recordings import Recordings
from codec.slices import SlicePool
from codec.training import Trainer, disturb
from deadline import seconds_left
from processes import STOPPED, own_device
from recipe import FULL, Recipe
from team import Team, train_together
from workspace import ADOPTED_CODEC, MissingInput, Workspace

CHECKPOINT = "codec-training.pt"
# Seconds between checkpoints, and between looks for more speech.
INTERVAL = 60
# Held-out speech that the result is measured on, in seconds.
MEASURED_SECONDS = 900
# What checkpoints on the way and the measuring may take, where a deadline is set.
FINISHING_SECONDS = 25
# More than a training has steps.
SEEDS_APART = 10_000_000


def run(recipe: Recipe, workspace: Workspace) -> None:
    adopted = workspace.root / ADOPTED_CODEC
    if adopted.exists() and not recipe.going_on_shares.codec:
        workspace.write("codec.pt", lambda path: shutil.copyfile(adopted, path))
        print("codec: the adopted pack's, as it is.", flush=True)
        return
    train_together(train, recipe, workspace)


def train(recipe: Recipe, workspace: Workspace, team: Team) -> None:
    device = training_device(recipe)
    # Every step has the same shapes; what follows the training has not.
    torch.backends.cudnn.benchmark = True
    recordings = Recordings(workspace)
    adopted = workspace.root / ADOPTED_CODEC
    beginning = load_codec(adopted) if adopted.exists() else None
    trainer = Trainer(recipe.codec, recipe.speech.sample_rate, device, team, beginning)
    if beginning and team.leads:
        print("codec: going on from the adopted pack's, whose tokens stay as they are", flush=True)
    _resume(trainer, workspace)
    if device.type == "cuda" and trainer.seconds < recipe.codec.seconds:
        begun = time.monotonic()
        trainer.warm_up()
        if team.leads:
            print(f"codec: compiled in {time.monotonic() - begun:.0f} s", flush=True)
    pool = SlicePool(recordings, recipe.speech.sample_rate, device)
    _await_speech(pool, min(2.0, recipe.speech.hours / 2), trainer.slice_samples)
    team.meet()
    left = seconds_left() - FINISHING_SECONDS
    [trainer.budget] = team.decide(min(recipe.codec.seconds, trainer.seconds + max(1.0, left)))
    with _interruption() as interrupted:
        stopped = _train(trainer, pool, workspace, interrupted)
        if stopped:
            # Only now may a process end: the leader has left its checkpoint.
            team.meet()
            if team.leads:
                print(
                    f"codec: stopped at step {trainer.step_count}; run the stage again to go on", flush=True
                )
            raise SystemExit(STOPPED)
    if not team.leads:
        return
    torch.backends.cudnn.benchmark = False
    state = trainer.averaged_state()
    workspace.write("codec.pt", lambda path: save_codec(trainer.codec, state, path))
    _report(trainer, pool, workspace)


def training_device(recipe: Recipe) -> torch.device:
    """The GPU, or the CPU for a smoke test. Raises MissingInput if the full recipe has no GPU."""
    if torch.cuda.is_available():
        torch.set_float32_matmul_precision("high")
        return own_device()
    if recipe.codec == FULL.codec:
        raise MissingInput("The full recipe's codec needs a CUDA GPU; --recipe tiny runs without one.")
    return torch.device("cpu")


def _train(trainer: Trainer, pool: SlicePool, workspace: Workspace, interrupted: list[int]) -> bool:
    """Whether it was interrupted."""
    recipe, team = trainer.recipe, trainer.team
    # A resumed training shall not see the same slices again, nor two processes the same.
    seed = recipe.seed + trainer.step_count + team.rank * SEEDS_APART
    generator = torch.Generator(trainer.device).manual_seed(seed)
    last_clock = last_saved = last_looked = time.monotonic()
    curve = _Curve(workspace.path("losses-codec.jsonl"), min(10.0, recipe.seconds / 8))
    stopped = False
    while trainer.seconds < trainer.budget and not stopped:
        drawn = pool.draw(trainer.batch, trainer.slice_samples, generator)
        losses = trainer.step(disturb(*drawn, trainer.codec, generator), trainer.adversarial)
        if team.leads:
            curve.add(losses, trainer, pool)
        now = time.monotonic()
        trainer.seconds += now - last_clock
        last_clock = now
        if now - last_looked >= INTERVAL or pool.reading:
            pool.grow_meanwhile()
            last_looked = now
        if team.leads and now - last_saved >= INTERVAL:
            _save(trainer, workspace)
            last_clock = last_saved = time.monotonic()
        trainer.seconds, stopped = team.decide(trainer.seconds, bool(interrupted))
    if team.leads:
        _save(trainer, workspace)
    return bool(stopped)


class _Curve:
    """Means of the losses over each interval, as lines of the file and of the terminal."""

    def __init__(self, path: Path, interval: float):
        self.path, self.interval = path, interval
        self._begun, self._steps, self._sums = time.monotonic(), 0, {}

    def add(self, losses: dict[str, torch.Tensor], trainer: Trainer, pool: SlicePool) -> None:
        """Raises FloatingPointError where a loss is no number any more."""
        for name, value in losses.items():
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = (total + value, count + 1)
        self._steps += 1
        passed = time.monotonic() - self._begun
        if passed < self.interval:
            return
        means = {name: float(total) / count for name, (total, count) in self._sums.items()}
        # The numbers above wait for the device: only now is the time that of the steps.
        rate = self._steps / (time.monotonic() - self._begun)
        if not all(np.isfinite(value) for value in means.values()):
            raise FloatingPointError(
                f"The codec's losses at step {trainer.step_count} are no numbers: {means}"
            )
        line = {
            "step": trainer.step_count,
            "seconds": round(trainer.seconds, 1),
            "steps_per_second": round(rate, 2),
            "hours": round(pool.hours, 2),
            **{name: round(value, 5) for name, value in means.items()},
        }
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print("codec: " + "  ".join(f"{name} {value}" for name, value in line.items()), flush=True)
        self._begun, self._steps, self._sums = time.monotonic(), 0, {}


def _await_speech(pool: SlicePool, hours: float, samples: int) -> None:
    """Waits until so much speech is there, as long as more comes. Raises MissingInput if it is too little
    for one slice."""
    pool.grow()
    waited = 0
    while pool.hours < hours and waited < 6:
        print(f"codec: waiting for speech, {pool.hours:.2f} of {hours:.2f} hours are there", flush=True)
        time.sleep(10)
        before = pool.hours
        pool.grow()
        waited = 0 if pool.hours > before else waited + 1
    if pool.hours * 3600 * pool.sample_rate <= samples:
        raise MissingInput(
            "There is not enough speech to train the codec: run `python models/training speech` first."
        )


def _resume(trainer: Trainer, workspace: Workspace) -> None:
    path = workspace.path(CHECKPOINT)
    if not path.exists():
        return
    state = torch.load(path, map_location=trainer.device, weights_only=True)
    # A training may be made longer after it.
    fresh = {**trainer.state()["recipe"], "seconds": 0}
    if ({**state["recipe"], "seconds": 0}, state["goes_on"]) != (fresh, trainer.goes_on):
        print("codec: the checkpoint was made by another recipe or from another beginning", flush=True)
        return
    trainer.load(state)
    if trainer.team.leads:
        print(f"codec: going on at step {trainer.step_count}", flush=True)


def _save(trainer: Trainer, workspace: Workspace) -> None:
    workspace.write(CHECKPOINT, lambda path: torch.save(trainer.state(), path))


def _report(trainer: Trainer, pool: SlicePool, workspace: Workspace) -> None:
    pool.grow()
    sounds, voices, seconds = [], [], 0.0
    for recording in pool.held_out:
        if pool.recordings.split(recording) == "validation" and seconds < MEASURED_SECONDS:
            shard = pool.recordings.shard(recording.shard)
            sounds.append(np.array(shard[recording.start : recording.start + recording.length]))
            voices.append(recording.voice)
            seconds += recording.length / pool.sample_rate
    if not sounds:
        print("codec: no validation speech was written yet, so nothing was measured", flush=True)
        return
    codec = load_codec(workspace.path("codec.pt")).to(trainer.device)
    measured = {"step": trainer.step_count, "held_out": measure(codec, sounds, voices)}
    with workspace.path("losses-codec.jsonl").open("a") as file:
        file.write(json.dumps(measured) + "\n")
    print("codec: " + json.dumps(measured), flush=True)


@contextmanager
def _interruption() -> Iterator[list[int]]:
    """A list that is empty until SIGTERM or SIGINT asks to stop: the step in hand is finished first."""
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda number, _frame: received.append(number))
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
