"""Everything that wants a GPU in one command, on a machine that will be taken away.

    python models/training all [--minutes M] [--through STEP] [--sentences N] [--carry FOLDER]

From `speech` to the steps of the report that a GPU makes quick, each in a process of its own. What is there
already is left out, what was killed goes on. `all.log` in the work folder has all that the stages say,
`status.json` which one runs and how long each took.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, NamedTuple

import torch

from deadline import variable_for
from processes import STOPPED
from recipe import Recipe
from travel import pack_results
from workspace import ADOPTED_TARGET, Refused, Workspace

HERE = Path(__file__).resolve().parent


class Step(NamedTuple):
    name: str
    # What Python runs, before the options.
    command: tuple[str, ...]
    # What there is once it is done; of those without, the status knows.
    result: str | None = None


STAGE, REPORT = (str(HERE),), ("-m", "report")
STEPS = (
    Step("speech", (*STAGE, "speech")),
    Step("codec", (*STAGE, "codec"), "codec.pt"),
    Step("tokens", (*STAGE, "tokens"), "tokens-clean.npz"),
    Step("target", (*STAGE, "target"), "target.pt"),
    Step("samples", (*STAGE, "samples"), "samples.npz"),
    Step("draft", (*STAGE, "draft"), "drafts.json"),
    Step("groups", (*STAGE, "groups"), "groups.json"),
    Step("speak", (*REPORT, "speak")),
    Step("judge", (*REPORT, "judge")),
    Step("listen", (*REPORT, "samples")),
)
# How long to listen to a step that has ended: what it started may still hold its output open.
LAST_WORDS = 5.0


class Everything:
    def __init__(
        self,
        recipe_name: str,
        recipe: Recipe,
        workspace: Workspace,
        minutes: float | None,
        carry: Path | None,
        piece: int,
        through: str | None = None,
        sentences: int | None = None,
    ):
        """`through` names the last step; the report is of so many `sentences` of each kind. Raises Refused for
        a step or a number that there is not."""
        names = [step.name for step in STEPS]
        if through not in (None, *names):
            raise Refused(f"There is no step {through}: they are {', '.join(names)}.")
        if sentences is not None and sentences < 1:
            raise Refused("A report is of 1 sentence of each kind or more.")
        self.steps = STEPS[: names.index(through) + 1] if through else STEPS
        self.workspace = workspace
        adopted = (workspace.root / ADOPTED_TARGET).exists()
        self.shares = asdict(recipe.going_on_shares if adopted else recipe.shares)
        self.sentences = () if sentences is None else ("--sentences", str(sentences))
        self.options = ("--recipe", recipe_name, "--work", str(workspace.root))
        self.ends = time.monotonic() + 60 * minutes if minutes else float("inf")
        self.carry, self.piece = carry, piece
        status = workspace.root / "status.json"
        self.took: dict[str, float] = json.loads(status.read_text())["took"] if status.exists() else {}
        self.running: dict[str, subprocess.Popen] = {}
        self.asked = False

    def run(self) -> int:
        """The exit code: that of the first step that failed, 143 after SIGTERM."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        left = [step for step in self.steps if not self.done(step)]
        while left:
            # The codec's step takes minutes to compile, which need a processor and no GPU.
            beside = torch.cuda.is_available() and [step.name for step in left[:2]] == ["speech", "codec"]
            if beside:
                # Of speech whose first minute is still being spoken there is no index: the codec would miss it.
                self.workspace.path("speech/index.jsonl").touch()
            together = left[:2] if beside else left[:1]
            # Those that run together begin together, and end one after the other.
            seconds = [self.seconds_for(left[:count], left) for count in range(1, len(together) + 1)]
            code = self.make(together, seconds)
            if code:
                return code
            left = left[len(together) :]
        self.tell("all: done.")
        return 0

    def done(self, step: Step) -> bool:
        if step.result is None:
            return step.name in self.took
        return (self.workspace.root / step.result).exists()

    def seconds_for(self, steps: list[Step], left: list[Step]) -> float:
        """The steps' part of the time that is left."""
        part, whole = (sum(self.shares.get(step.name, 0) for step in some) for some in (steps, left))
        return max(1.0, self.ends - time.monotonic()) * (part / whole if whole else 1.0)

    def make(self, steps: list[Step], seconds: list[float]) -> int:
        begun = {step.name: time.monotonic() for step in steps}
        pumps = [self.start(*each) for each in zip(steps, seconds, strict=True)]
        for step, pump in reversed(list(zip(steps, pumps, strict=True))):
            code = self.running[step.name].wait()
            pump.join(LAST_WORDS)
            del self.running[step.name]
            if code or self.asked:
                self.stop()
                for process in self.running.values():
                    process.wait()
                self.running.clear()
                code = STOPPED if self.asked and code in (0, STOPPED, -signal.SIGTERM) else code
                self.tell(f"all: {step.name} ended with {code}; run this again to go on.")
                return STOPPED if code < 0 else code
            self.took[step.name] = round(time.monotonic() - begun[step.name], 1)
            self.tell(f"all: {step.name} took {self.took[step.name]:.0f} s.")
            if self.carry:
                for path in pack_results(step.name, self.workspace, self.carry, self.piece):
                    self.tell(f"all: {path} is ready, {path.stat().st_size / 2**20:.1f} MiB.")
        return 0

    def start(self, step: Step, seconds: float) -> threading.Thread:
        limits = {}
        if seconds < float("inf"):
            limits = variable_for(seconds)
            if step.name == "speech":
                limits["SPEECH_SECONDS"] = str(seconds)
        self.running[step.name] = process = subprocess.Popen(
            [
                sys.executable,
                *step.command,
                *self.options,
                *(self.sentences if step.name == "speak" else ()),
            ],
            cwd=HERE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.site(), **limits},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.tell(
            f"all: {step.name} begins, " + (f"for {seconds:.0f} s." if limits else "as long as it takes.")
        )
        pump = threading.Thread(target=self.repeat, args=(process.stdout,), daemon=True)
        pump.start()
        return pump

    def repeat(self, said: IO[str]) -> None:
        for line in said:
            self.tell(line.rstrip("\n"), of_a_stage=True)

    def site(self) -> dict[str, str]:
        """Where packages lie that were carried here, on Python's path."""
        paths = [
            str(self.workspace.root / "site"),
            *os.environ.get("PYTHONPATH", "").split(os.pathsep),
        ]
        return {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}

    def stop(self, *signalled: object) -> None:
        self.asked = self.asked or bool(signalled)
        for process in self.running.values():
            process.terminate()

    def tell(self, line: str, of_a_stage: bool = False) -> None:
        print(line, flush=True)
        with self.workspace.path("all.log").open("a") as log:
            log.write(f"{time.strftime('%H:%M:%S')} {line}\n")
        if not of_a_stage:
            status = {"running": list(self.running), "since": time.strftime("%H:%M:%S"), "took": self.took}
            self.workspace.write("status.json", lambda path: path.write_text(json.dumps(status) + "\n"))
