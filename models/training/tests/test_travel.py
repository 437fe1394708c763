"""What is carried between machines, and the command that makes it all: whole, resumed, within its time."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from all_stages import STEPS, Everything, Step
from codec.model import Codec, load_codec, save_codec
from deadline import VARIABLE, seconds_left, variable_for
from pieces import HEADER, join_pieces, read_piece, write_pieces
from recipe import TINY, Shares
from travel import pack_inputs, pack_results
from workspace import ADOPTED_TARGET, MissingInput, Refused, Workspace

TRAINING = Path(__file__).parents[1]


def noise(path: Path, size: int, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(np.random.default_rng(seed).bytes(size))
    return path


def two_files(folder: Path) -> dict[str, Path]:
    return {"a": noise(folder / "one", 7000), "below/b": noise(folder / "two", 3000, 1)}


def test_pieces_are_small_enough_and_join_to_the_same_bytes(tmp_path: Path) -> None:
    files = two_files(tmp_path)
    pieces = write_pieces("things", files, tmp_path / "out", 4000)
    assert [p.name for p in pieces] == [
        f"things-{n}-of-{len(pieces)}.piece" for n in range(1, len(pieces) + 1)
    ]
    assert len(pieces) == 4 and all(piece.stat().st_size <= 4000 for piece in pieces)
    # In any order, in any folders.
    (tmp_path / "elsewhere").mkdir()
    pieces[1].rename(tmp_path / "elsewhere" / "renamed.piece")
    joined = join_pieces([tmp_path / "elsewhere", tmp_path / "out"], tmp_path / "joined")
    assert joined == (["things"], [])
    for name, path in files.items():
        assert (tmp_path / "joined" / name).read_bytes() == path.read_bytes()


def test_a_link_travels_as_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(noise(tmp_path / "file", 100))
    write_pieces("things", {"a": tmp_path / "link"}, tmp_path / "out", 4000)
    assert join_pieces([tmp_path / "out"], tmp_path / "joined") == (["things"], [])
    made = tmp_path / "joined" / "a"
    assert not made.is_symlink() and made.read_bytes() == (tmp_path / "file").read_bytes()


def test_a_damaged_or_missing_piece_is_named_and_other_archives_are_joined(tmp_path: Path) -> None:
    files = two_files(tmp_path)
    pieces = write_pieces("things", files, tmp_path / "out", 4000)
    write_pieces("others", files, tmp_path / "out", 20_000)
    damaged = bytearray(pieces[2].read_bytes())
    damaged[-5] ^= 1
    pieces[2].write_bytes(damaged)
    joined, [fault] = join_pieces([tmp_path / "out"], tmp_path / "joined")
    assert joined == ["others"] and fault == f"{pieces[2]} is damaged."
    pieces[2].unlink()
    _, [fault] = join_pieces([tmp_path / "out"], tmp_path / "joined")
    assert fault == "Of 4 pieces of things there lack: 3."
    pieces[2].write_bytes(b"no piece")
    _, faults = join_pieces([tmp_path / "out"], tmp_path / "joined")
    assert f"{pieces[2]} is damaged" in faults[0] and len(faults) == 2


def test_pieces_of_different_packings_are_not_mixed(tmp_path: Path) -> None:
    files = two_files(tmp_path)
    write_pieces("things", files, tmp_path / "out", 4000)
    other = write_pieces("things", {"a": files["a"]}, tmp_path / "other", 4000)
    other[0].rename(tmp_path / "out" / "other.piece")
    _, [fault] = join_pieces([tmp_path / "out"], tmp_path / "joined")
    assert "different packings" in fault
    (tmp_path / "out" / "other.piece").unlink()
    assert len(write_pieces("things", {"a": files["a"]}, tmp_path / "out", 4000)) == 3
    assert join_pieces([tmp_path / "out"], tmp_path / "joined")[0] == ["things"]
    assert read_piece(next((tmp_path / "out").glob("*.piece"))).start < HEADER


def test_inputs_travel_in_folders_and_speech_s_come_first(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "work")
    with pytest.raises(MissingInput, match="texts"):
        pack_inputs(workspace, tmp_path / "inputs", 2**20)
    sizes = {"texts.jsonl.gz": 900_000, "teachers/kokoro/weights.npz": 6_000_000, "whisper.npz": 5_000_000}
    for seed, (name, size) in enumerate(sizes.items()):
        noise(workspace.path(name), size, seed)
    noise(workspace.path("wheels/judge-1.0.whl"), 1000, 9)
    noise(workspace.path("codec.pt"), 1000)
    noise(workspace.path("tokens-0.npz"), 1000)
    noise(workspace.path("adopted/tokens-0.npz"), 1000, 10)
    for _ in range(2):
        pack_inputs(workspace, tmp_path / "inputs", 4 * 2**20)
    folders = sorted((tmp_path / "inputs").iterdir())
    assert [folder.name for folder in folders] == ["1", "2", "3"]
    held = {folder.name: [piece.name for piece in sorted(folder.iterdir())] for folder in folders}
    assert held["1"] == ["speech-1-of-2.piece"] and "speech-2-of-2.piece" in held["2"]
    assert all(sum(piece.stat().st_size for piece in folder.iterdir()) <= 4 * 2**20 for folder in folders)
    # What has come is put in place; what has not is named.
    there = tmp_path / "there"
    joined, [fault] = join_pieces(folders[:2], there)
    assert joined == ["speech", "earlier"] and "judges" in fault
    assert join_pieces(folders, there) == (["speech", "earlier", "judges"], [])
    for name in [*sizes, "wheels/judge-1.0.whl", "adopted/tokens-0.npz"]:
        assert (there / name).read_bytes() == (workspace.root / name).read_bytes()
    assert not (there / "codec.pt").exists() and not (there / "tokens-0.npz").exists()


def test_models_come_home_in_half_precision(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "work")
    codec = Codec(TINY.codec, TINY.speech.sample_rate)
    save_codec(codec, codec.state_dict(), workspace.path("codec.pt"))
    pieces = pack_results("codec", workspace, tmp_path / "home", 2**20)
    assert pack_results("speech", workspace, tmp_path / "home", 2**20) == []
    assert sum(piece.stat().st_size for piece in pieces) < 0.55 * (workspace.root / "codec.pt").stat().st_size
    join_pieces([tmp_path / "home"], tmp_path / "joined")
    home = load_codec(tmp_path / "joined/codec.pt").state_dict()
    for name, value in codec.state_dict().items():
        assert home[name].dtype == value.dtype
        torch.testing.assert_close(home[name], value, atol=1e-6, rtol=1e-3)


def test_a_stage_knows_how_long_it_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert seconds_left() == float("inf")
    monkeypatch.setenv(VARIABLE, variable_for(60)[VARIABLE])
    assert 55 < seconds_left() <= 60


PROGRAM = """
import os, sys, time
name, root = sys.argv[1], sys.argv[-1]
print(name, "has", float(os.environ.get("STAGE_UNTIL", "inf")) - time.time(), os.environ.get("SPEECH_SECONDS"))
if name == "codec":
    assert os.path.exists(root + "/go-on"), "it fails"
open(root + "/" + name + ".made", "w")
"""


def made_up_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [
        Step(name, ("-c", PROGRAM, name), None if name == "speech" else f"{name}.made")
        for name in ("speech", "codec", "target")
    ]
    monkeypatch.setattr("all_stages.STEPS", tuple(steps))


def everything(
    root: Path, minutes: float | None = None, through: str | None = None, **shares: float
) -> Everything:
    recipe = replace(TINY, shares=Shares(**shares))
    return Everything("tiny", recipe, Workspace(root), minutes, None, 2**20, through)


@pytest.fixture
def kept_signals() -> object:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_all_goes_on_where_a_step_failed_and_each_has_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kept_signals: None
) -> None:
    made_up_steps(monkeypatch)
    shares = {"speech": 100, "codec": 300, "target": 200}
    assert everything(tmp_path, 100, **shares).run() == 1
    assert "AssertionError: it fails" in capfd.readouterr().out
    assert list(json.loads((tmp_path / "status.json").read_text())["took"]) == ["speech"]
    (tmp_path / "go-on").touch()
    assert everything(tmp_path, 100, **shares).run() == 0
    log = (tmp_path / "all.log").read_text()
    assert log.count("speech begins") == 1 and log.count("target begins") == 1
    given = [float(line.split(" has ")[1].split()[0]) for line in log.splitlines() if " has " in line]
    # Of a hundred minutes a sixth; of what is left three fifths, and again; then all.
    assert given == pytest.approx([1000, 3600, 3600, 6000], rel=0.05)
    status = json.loads((tmp_path / "status.json").read_text())
    assert list(status["took"]) == ["speech", "codec", "target"] and status["running"] == []
    assert everything(tmp_path, 100, **shares).run() == 0
    assert (tmp_path / "all.log").read_text().count("begins") == 4


def test_where_there_is_a_gpu_the_codec_begins_beside_the_speech(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_signals: None
) -> None:
    made_up_steps(monkeypatch)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    (tmp_path / "go-on").touch()
    assert everything(tmp_path, 100, speech=100, codec=300, target=200).run() == 0
    log = (tmp_path / "all.log").read_text()
    assert log.index("codec begins") < log.index("speech took")
    given = {line.split()[1]: line.split(" has ")[1].split() for line in log.splitlines() if " has " in line}
    # Of a hundred minutes a sixth, and with the codec's own half two thirds.
    assert float(given["speech"][0]) == pytest.approx(1000, rel=0.05)
    assert float(given["speech"][1]) == pytest.approx(1000, rel=0.05)
    assert float(given["codec"][0]) == pytest.approx(4000, rel=0.05)
    # The codec looks for speech before there is any.
    assert (tmp_path / "speech/index.jsonl").read_text() == ""


def test_all_ends_with_the_step_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_signals: None
) -> None:
    made_up_steps(monkeypatch)
    (tmp_path / "go-on").touch()
    # All the time is for the steps that are run.
    assert everything(tmp_path, 60, "codec", speech=1, codec=1, target=1000).run() == 0
    log = (tmp_path / "all.log").read_text()
    assert "target" not in log and "speech begins, for 1800 s" in log
    assert everything(tmp_path).run() == 0
    assert "target took" in (tmp_path / "all.log").read_text()
    with pytest.raises(Refused, match="no step nap: they are speech, codec, target"):
        everything(tmp_path, through="nap")
    with pytest.raises(Refused, match="1 sentence of each kind or more"):
        Everything("tiny", TINY, Workspace(tmp_path), None, None, 2**20, sentences=0)


def test_a_training_that_goes_on_shares_its_time_otherwise_and_a_report_may_be_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_signals: None
) -> None:
    program = "import sys; print(sys.argv[1:])"
    steps = [Step(name, ("-c", program)) for name in ("target", "speak")]
    monkeypatch.setattr("all_stages.STEPS", tuple(steps))
    recipe = replace(TINY, shares=Shares(target=1, speak=1), going_on_shares=Shares(target=3, speak=1))
    workspace = Workspace(tmp_path)
    workspace.write(ADOPTED_TARGET, Path.touch)
    assert Everything("tiny", recipe, workspace, 40, None, 2**20, sentences=7).run() == 0
    log = (tmp_path / "all.log").read_text()
    assert "target begins, for 1800 s" in log
    options = [line for line in log.splitlines() if "['--recipe'" in line]
    assert "--sentences" not in options[0] and options[1].endswith("'--sentences', '7']")


def test_all_passes_sigterm_on_and_ends_with_143(tmp_path: Path) -> None:
    (tmp_path / "texts.jsonl.gz").touch()
    program = (
        "import all_stages, sys, pathlib, recipe, workspace\n"
        "step = all_stages.Step('codec', ('-c', 'print(\"here\"); import time; time.sleep(3600)'))\n"
        "all_stages.STEPS = (step,)\n"
        "work = workspace.Workspace(pathlib.Path(sys.argv[1]))\n"
        "sys.exit(all_stages.Everything('tiny', recipe.TINY, work, None, None, 1).run())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(TRAINING), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, env=environment
    )
    while b"here" not in process.stdout.readline():
        assert process.poll() is None
    process.terminate()
    assert process.wait(600) == 143
    assert "codec ended with 143; run this again" in (tmp_path / "all.log").read_text()


def test_every_step_has_its_share_of_the_time() -> None:
    assert {step.name for step in STEPS if not hasattr(Shares(), step.name)} == {"listen"}
