"""The stages that train together, on all GPUs of a machine that has several: the first thing to run on one.

Elsewhere with TRAINING_PROCESSES=2. What they print shows how quick they are: pytest -s.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic_speech import write_speech
from test_codec import speech_of

from processes import process_count

TRAINING = Path(__file__).parents[1]
SEVERAL = pytest.mark.skipif(process_count() < 2, reason="there are not several GPUs")


def run_stage(name: str, root: Path) -> str:
    command = [sys.executable, str(TRAINING), name, "--recipe", "tiny", "--work", str(root)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout)
    assert done.returncode == 0
    return done.stdout


@SEVERAL
def test_a_codec_is_compiled_recorded_and_trained(tmp_path: Path) -> None:
    speech_of(tmp_path, ["train"] * 26 + ["validation"])
    said = run_stage("codec", tmp_path)
    assert "held_out" in said and "not compiled" not in said and "not recorded" not in said


@SEVERAL
def test_a_target_is_compiled_and_trained(tmp_path: Path) -> None:
    write_speech(tmp_path)
    said = run_stage("target", tmp_path)
    assert "held_out" in said and "without compiling" not in said and "done densely" not in said
