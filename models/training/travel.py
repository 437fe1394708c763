"""What travels between the machine with a network and the one with GPUs: inputs there, results back.

python models/training pack --to FOLDER      folders of inputs, each for one journey
python models/training join FOLDER...        the other end, for both directions
"""

import shutil
import tempfile
from pathlib import Path

import torch

from pieces import ENDING, write_pieces
from workspace import ADOPTED_TOKENS, Workspace

MEBIBYTE = 2**20
# What speech can begin with, what the target can, and what is needed by the end only.
INPUTS = {
    "speech": ("texts.jsonl.gz", "teachers/**/*"),
    "earlier": (ADOPTED_TOKENS,),
    "judges": ("whisper.npz", "wheels/*.whl"),
}
# By the step behind which they are complete: what `export` and the rest of the report need, and the curves.
# Speech is too large, and so are all readings of it but one, which the next training goes on with.
RESULTS = {
    "codec": ("codec.pt", "losses-codec.jsonl"),
    "tokens": ("tokens-0.npz",),
    "target": ("target.pt", "tokens-clean.npz", "corpus.json", "losses-target.jsonl"),
    "draft": ("draft-*.pt", "drafts*.json", "losses-draft*.jsonl"),
    "groups": ("groups.json", "groups*.npy"),
    "speak": ("report/plan.json", "report/takes-*.npz"),
    "judge": ("report/references.npy", "report/judged-*.jsonl"),
    "listen": ("report/listen/*.wav",),
}


def pack_inputs(workspace: Workspace, folder: Path, most: int) -> None:
    """Folders 1, 2 … of at most `most` bytes each. Raises MissingInput where the teachers' speech would lack
    something; the judges' files may be packed later."""
    workspace.need("texts.jsonl.gz", "texts")
    workspace.need("teachers/kokoro/weights.npz", "texts` and `python models/training/teachers/fetch.py")
    for old in folder.glob(f"*/*{ENDING}"):
        old.unlink()
    number, room = 1, most
    with tempfile.TemporaryDirectory(dir=workspace.root) as aside:
        for name, patterns in INPUTS.items():
            files = _found(workspace, patterns)
            if not files:
                continue
            first = room if room > MEBIBYTE else most
            for piece in write_pieces(name, files, Path(aside), most, first):
                if piece.stat().st_size > room:
                    number, room = number + 1, most
                room -= piece.stat().st_size
                journey = folder / str(number)
                journey.mkdir(parents=True, exist_ok=True)
                shutil.move(piece, journey)


def pack_results(step: str, workspace: Workspace, folder: Path, most: int) -> list[Path]:
    """Pieces of what a step completes, models in half precision; none where it completes nothing."""
    files = _found(workspace, RESULTS.get(step, ()))
    if not files:
        return []
    with tempfile.TemporaryDirectory(dir=workspace.root) as aside:
        for name in [name for name in files if name.endswith(".pt")]:
            halved = Path(aside) / name
            _halve(files[name], halved)
            files[name] = halved
        return write_pieces(step, files, folder, most)


def _found(workspace: Workspace, patterns: tuple[str, ...]) -> dict[str, Path]:
    paths = (path for pattern in patterns for path in sorted(workspace.root.glob(pattern)) if path.is_file())
    return {path.relative_to(workspace.root).as_posix(): path for path in paths}


def _halve(source: Path, target: Path) -> None:
    """A model of half the size: loading brings it back to full precision, rounded."""
    stored = torch.load(source, map_location="cpu", weights_only=True)
    state = stored["state"]
    halved = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    torch.save({**stored, "state": halved}, target)
