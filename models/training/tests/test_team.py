"""Processes that train as one, on two CPU processes: the numbers of one, and an end whatever happens."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from synthetic_speech import write_speech
from test_codec import RATE, SMALL, murmur, speech_of

from alignment import STEP
from codec import tokens
from codec.model import Codec, save_codec
from codec.recorded import RecordedStep
from codec.training import Slices, Trainer, disturb
from layout import CODEBOOK, START, VOICE_BASE
from lm import draft, samples, target
from lm.corpus import Corpus, Document
from lm.model import SpeechLM, load_model
from lm.optimiser import optimisers_for
from lm.packing import packed
from lm.run import TrainingRun
from lm.target import TargetStep
from processes import ProcessFailed, in_processes
from recipe import TINY, Decoder, Recipe, Training
from team import ALONE, Team, gathered, train_together
from workspace import MissingInput, Workspace

TRAINING = Path(__file__).parents[1]
MODEL = Decoder(layers=2, width=64, heads=2, kv_heads=1, feed_forward=64, dropout=0.0)
CPU = torch.device("cpu")
TWO_SLICES = replace(SMALL, batch=2, team_batch=2, adversarial_batch=2)


@pytest.fixture(scope="module", autouse=True)
def no_gpu() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # Processes that these tests start see it too.
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        yield


def together(folder: Path, work: object, *arguments: object) -> list:
    return in_processes(2, in_team, folder / "meeting", work, *arguments)


def in_team(rank: int, size: int, meeting: Path, work: object, *arguments: object) -> object:
    return work(gathered(rank, size, meeting), *arguments)


def document(codes: int, seed: int) -> Document:
    random = np.random.default_rng(seed)
    prompt = np.concatenate([random.integers(4112, 4200, 5), [VOICE_BASE, START]]).astype(np.int16)
    return Document(prompt, random.integers(0, CODEBOOK, codes).astype(np.int16))


# The second row has far less to say: a mean of the rows' means would be another.
ROWS = [[document(50, 1)], [document(9, 2)]]


def target_steps(team: Team) -> list[np.ndarray]:
    torch.manual_seed(0)
    model = SpeechLM(MODEL)
    step = TargetStep(model, TINY.target_training, CPU, team)
    optimisers = optimisers_for(model, 1e-2, 0.0)
    for quantised in (False, True):
        step(packed([ROWS[team.rank]], 64), optimisers, 1e-2, quantised)
    return [parameter.detach().numpy() for parameter in model.parameters()]


def test_targets_of_a_team_stay_alike_though_each_reads_something_else(made: list[dict]) -> None:
    first, second = (each["target_steps"] for each in made)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def target_gradients(team: Team) -> list[np.ndarray]:
    torch.manual_seed(0)
    model = SpeechLM(MODEL).train()
    step = TargetStep(model, TINY.target_training, CPU, team)
    batch = packed(ROWS if team.size == 1 else [ROWS[team.rank]], 64)
    step.backward(batch, plain=True)
    team.average_gradients(model.parameters(), (batch.targets >= 0).sum())
    return [parameter.grad.numpy() for parameter in model.parameters()]


def test_mean_gradients_of_a_target_are_those_of_the_joined_batch(made: list[dict]) -> None:
    first, second = (each["target_gradients"] for each in made)
    for ours, other, alone in zip(first, second, target_gradients(ALONE), strict=True):
        assert np.array_equal(ours, other)
        np.testing.assert_allclose(ours, alone, atol=1e-6, rtol=1e-3)


def slices() -> Slices:
    codec = Codec(TWO_SLICES, RATE)
    samples = TWO_SLICES.frames * codec.recipe.hop + 2 * codec.mel.margin
    audio = torch.from_numpy(np.stack([murmur(samples / RATE, seed) for seed in (1, 2)]))
    said = torch.arange(audio.shape[1] // STEP, dtype=torch.uint8).expand(2, -1) // 4
    return disturb(audio, said, torch.tensor([0, 3]), codec, torch.Generator().manual_seed(0))


def codec_gradients(team: Team) -> list[np.ndarray]:
    """Those that a step of the codec and of its discriminators ends with."""
    trainer = Trainer(TWO_SLICES, RATE, CPU, team)
    assert trainer.batch == trainer.judged == 2 // team.size
    # What counts the use of levels looks at the whole batch, and is no mean over it.
    trainer.codec.quantiser.neglect = lambda bounded: bounded.new_zeros(())
    ours = slices() if team.size == 1 else Slices(*(part[team.rank][None] for part in slices()))
    trainer.step(ours, True)
    modules = (trainer.learners, trainer.discriminators)
    return [p.grad.numpy().copy() for module in modules for p in module.parameters() if p.grad is not None]


def test_mean_gradients_of_a_codec_are_those_of_the_joined_batch(made: list[dict]) -> None:
    first, second = (each["codec_gradients"] for each in made)
    alone = codec_gradients(ALONE)
    assert len(alone) == len(first) > 100
    for ours, other, joined in zip(first, second, alone, strict=True):
        assert np.array_equal(ours, other)
        assert np.abs(ours - joined).max() <= 0.02 * np.abs(joined).max() + 1e-6


def codec_weights(team: Team) -> list[np.ndarray]:
    """After steps on slices of their own, warmed up in one process only."""
    trainer = Trainer(replace(SMALL, team_batch=2), RATE, CPU, team)
    if team.rank:
        trainer.warm_up()
    generator = torch.Generator().manual_seed(team.rank)
    audio = 0.1 * torch.randn(1, trainer.slice_samples, generator=generator)
    said = torch.zeros(1, audio.shape[1] // STEP, dtype=torch.uint8)
    for adversarial in (False, True, True):
        trainer.step(
            disturb(audio, said, torch.zeros(1, dtype=torch.long), trainer.codec, generator), adversarial
        )
    modules = (trainer.learners, trainer.discriminators)
    return [parameter.detach().numpy() for module in modules for parameter in module.parameters()]


def test_codecs_of_a_team_stay_alike_though_each_hears_something_else(made: list[dict]) -> None:
    first, second = (each["codec_weights"] for each in made)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def turns(team: Team) -> list[tuple[float, bool]]:
    """What each step sees of the clock: how far the training is, and whether it quantises by now."""
    layer = torch.nn.Linear(2, 2)
    training = Training(seed=0, seconds=0.3, learning_rate=0.1)
    seen = []
    with tempfile.TemporaryDirectory() as root:
        run = TrainingRun(Workspace(Path(root)), "test", training, {"model": layer}, {}, team=team)
        for _ in run.loop():
            seen.append((run.progress, run.progress >= training.quantised_from))
            time.sleep(0.01 * (1 + team.rank))
    return seen


def test_all_switch_and_stop_at_the_same_step_by_the_leader_s_clock(made: list[dict]) -> None:
    first, second = (each["turns"] for each in made)
    assert first == second and len(first) > 3 and first[-1][1] and not first[0][1]


WORKS = (target_steps, target_gradients, codec_gradients, codec_weights, turns)


def all_works(team: Team) -> dict[str, list]:
    return {work.__name__: work(team) for work in WORKS}


@pytest.fixture(scope="module")
def made(no_gpu: None, tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What each of two processes made."""
    return together(tmp_path_factory.mktemp("team"), all_works)


def recipe_of(seconds: float) -> Recipe:
    brief = {"rows": 2, "team_rows": 2, "row": 256, "warmup": 3}
    return replace(
        TINY,
        target=MODEL,
        trained_length=256,
        samples_hours=0.0005,
        target_training=replace(TINY.target_training, **brief, seconds=seconds),
        draft_training=replace(TINY.draft_training, **brief, seconds=0.5),
        draft_layers=(1, 2),
        shipped_draft_seconds=0.5,
    )


def stopped_target(root: Path) -> subprocess.Popen:
    program = (
        "from test_team import recipe_of\nfrom lm import target\nfrom workspace import Workspace\n"
        "from pathlib import Path\nimport sys\n"
        "if __name__ == '__main__': target.run(recipe_of(600.0), Workspace(Path(sys.argv[1])))\n"
    )
    file = root / "run.py"
    file.write_text(program)
    environment = {**os.environ, "TRAINING_PROCESSES": "2", "PYTHONUNBUFFERED": "1"}
    environment["PYTHONPATH"] = os.pathsep.join([str(TRAINING), str(TRAINING / "tests")])
    return subprocess.Popen([sys.executable, str(file), str(root)], stdout=subprocess.PIPE, env=environment)


def test_a_stopped_team_leaves_a_checkpoint_that_one_process_goes_on_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_speech(tmp_path)
    process = stopped_target(tmp_path)
    while b"target: step" not in process.stdout.readline():
        assert process.poll() is None
    process.terminate()
    # The step in hand may take long on a busy machine.
    assert process.wait(600) == 143
    stored = torch.load(tmp_path / "target.checkpoint", weights_only=True)
    assert stored["steps"] > 0
    quick = recipe_of(stored["seconds"] + 0.5)
    target.train(quick, Workspace(tmp_path), ALONE)
    assert f"resumed at step {stored['steps']}" in capsys.readouterr().out
    assert load_model(tmp_path / "target.pt").config.layers == 2


def test_a_stop_asked_for_while_the_team_decides_is_heard(tmp_path: Path) -> None:
    class Interrupted(Team):
        asked = False

        def decide(self, *numbers: float) -> tuple[float, ...]:
            if not self.asked:
                self.asked = True
                os.kill(os.getpid(), signal.SIGTERM)
            return numbers

    training = recipe_of(60.0).target_training
    run = TrainingRun(Workspace(tmp_path), "target", training, {}, {}, team=Interrupted())
    before = signal.getsignal(signal.SIGTERM)
    turns = 0
    try:
        with pytest.raises(SystemExit, match="143"):
            for _ in run.loop():
                turns += 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert turns == 2 and (tmp_path / "target.checkpoint").exists()


def test_a_team_goes_on_from_the_checkpoint_of_one_and_several_speak_and_teach_the_draft(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_speech(tmp_path)
    layers = SpeechLM(MODEL)
    muon, adamw = optimisers_for(layers, 1e-3, 0.0)
    training = recipe_of(1.0).target_training
    parts = {"model": layers}, {"muon": muon, "adamw": adamw}
    alone = TrainingRun(Workspace(tmp_path), "target", training, *parts)
    step = TargetStep(layers, training, CPU)
    step(packed(ROWS, 64), [muon, adamw], 1e-3, False)
    alone.steps, alone.seconds = 7, 0.5
    alone._save()
    monkeypatch.setenv("TRAINING_PROCESSES", "2")
    train_together(target.train, recipe_of(1.0), Workspace(tmp_path))
    printed = capfd.readouterr().out
    assert printed.count("resumed at step 7") == 1 and (tmp_path / "target.pt").exists()
    samples.run(recipe_of(1.0), Workspace(tmp_path))
    made = dict(np.load(tmp_path / "samples.npz"))
    assert len(made["voices"]) == len(made["held_out"]) == len(made["offsets"]) - 1
    # So little trained, the target hardly stops: the draft learns from the teachers' speech.
    write_samples(tmp_path)
    draft.run(recipe_of(1.0), Workspace(tmp_path))
    assert load_model(tmp_path / "draft-1.pt").config.layers == 1
    assert capfd.readouterr().out.count("draft: 1 of 2 layers begins") == 1


def write_samples(root: Path) -> None:
    corpus = Corpus(recipe_of(1.0), Workspace(root), "train")
    documents = list(corpus.sentences(np.random.default_rng(0)))[:30]
    codes, offsets = samples.joined([each.codes for each in documents])
    symbols, symbol_offsets = samples.joined([each.prompt[:-2] for each in documents])
    np.savez(
        root / "samples.npz",
        codes=codes,
        offsets=offsets,
        symbols=symbols,
        symbol_offsets=symbol_offsets,
        voices=np.zeros(len(documents), np.int8),
        held_out=np.arange(len(documents)) < 8,
    )


def test_several_processes_find_the_tokens_that_one_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = speech_of(tmp_path, ["train", "train", "validation", "train"])
    torch.manual_seed(0)
    codec = Codec(SMALL, RATE)
    save_codec(codec, codec.state_dict(), tmp_path / "codec.pt")
    found = []
    for count in ("1", "2"):
        monkeypatch.setenv("TRAINING_PROCESSES", count)
        tokens.run(replace(TINY, codec=SMALL), workspace)
        found.append([dict(np.load(tmp_path / f"tokens-{name}.npz")) for name in ("0", "1", "clean")])
    for one, two in zip(*found, strict=True):
        assert all(np.array_equal(one[name], two[name]) for name in one if name != "codes")
        # Another number of threads may round otherwise.
        assert len(one["codes"]) and (one["codes"] == two["codes"]).mean() > 0.99


def dies(team: Team, how: str) -> None:
    team.meet()
    if team.rank == 1:
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise MissingInput("The second lacks something.") if how == "lacks" else ValueError("broken")
    team.meet()
    time.sleep(3600)


@pytest.mark.parametrize(
    ("how", "kind", "sentence"),
    [
        ("killed", ProcessFailed, "Process 2 of 2 was killed by signal 9"),
        ("broken", ProcessFailed, "Process 2 of 2 failed with exit code 1"),
        ("lacks", MissingInput, "The second lacks something."),
    ],
)
def test_a_dead_process_ends_all_with_a_sentence(
    tmp_path: Path, how: str, kind: type[Exception], sentence: str
) -> None:
    # The first would sleep for an hour.
    with pytest.raises(kind, match=sentence):
        together(tmp_path, dies, how)


def test_shares_of_a_batch() -> None:
    assert [Team(0, size).share(48, 96) for size in (1, 2, 3, 4, 8)] == [48, 48, 32, 24, 12]
    assert Team(1, 4).share(48, 64) == 16 and Team(2, 3).share(48, 64) == 22


def test_a_step_is_recorded_in_pieces_between_what_is_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a GPU, on stand-ins that say when they record and replay."""
    told: list[str] = []

    class Graph:
        def __init__(self) -> None:
            self.recorded: list[str] = []

        def replay(self) -> None:
            told.extend(self.recorded)

    @contextmanager
    def recording(graph: Graph, **_: object) -> Iterator[None]:
        before = len(told)
        yield
        graph.recorded = told[before:]
        del told[before:]

    stream = SimpleNamespace(wait_stream=lambda _: None)
    for name, stand_in in {
        "Stream": lambda: stream,
        "current_stream": lambda: stream,
        "stream": lambda _: nullcontext(),
        "graph_pool_handle": lambda: None,
        "CUDAGraph": Graph,
        "graph": recording,
    }.items():
        monkeypatch.setattr(torch.cuda, name, stand_in)

    def step(number: torch.Tensor) -> Generator[torch.Tensor, None, dict[str, torch.Tensor]]:
        for part in ("first", "second"):
            told.append(part)
            yield number
        told.append("last")
        return {"loss": number}

    recorded = RecordedStep(step, (torch.ones(1),))
    told.clear()
    losses = recorded(
        (torch.full((1,), 3.0),), lambda exchanged: told.append(f"exchanged {exchanged.item()}")
    )
    assert (
        told == ["first", "exchanged 3.0", "second", "exchanged 3.0", "last"] and losses["loss"].item() == 3
    )
