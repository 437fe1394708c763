"""Files packed into pieces that are small enough to be carried one by one, and joined again.

A piece begins with a line of JSON: the archive it belongs to, its place in it, and the SHA-256 of what follows.
So nothing else need travel, and pieces may come in any order, in any folders.
"""

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple

ENDING = ".piece"
# Room for a piece's first line.
HEADER = 1024


class Piece(NamedTuple):
    path: Path
    name: str
    number: int
    of: int
    # SHA-256 of the whole archive, and of this piece's part.
    archive: str
    digest: str
    # Where its part begins.
    start: int

    def part(self) -> bytes:
        """Raises ValueError where it is not what was written."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            part = file.read()
        if hashlib.sha256(part).hexdigest() != self.digest:
            raise ValueError(f"{self.path} is damaged.")
        return part


def write_pieces(
    name: str, files: dict[str, Path], folder: Path, most: int, first: int | None = None
) -> list[Path]:
    """Packs files, by the names they shall have, into pieces of at most `most` bytes, the first of at most
    `first`; none of no files. Pieces of an earlier packing of that name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-*{ENDING}"):
        old.unlink()
    if not files:
        return []
    with tempfile.TemporaryFile(dir=folder) as archive:
        # What a link points to, which may not be there at the other end.
        with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1, dereference=True) as packed:
            for stored, path in files.items():
                packed.add(path, stored)
        sizes = _sizes(archive.tell(), most - HEADER, (first or most) - HEADER)
        whole = _digest(archive)
        paths = []
        for number, size in enumerate(sizes, 1):
            part = archive.read(size)
            header = {"name": name, "number": number, "of": len(sizes), "archive": whole}
            header["digest"] = hashlib.sha256(part).hexdigest()
            path = folder / f"{name}-{number}-of-{len(sizes)}{ENDING}"
            partial = path.with_name(path.name + ".partial")
            partial.write_bytes(json.dumps(header).encode() + b"\n" + part)
            os.replace(partial, path)
            paths.append(path)
    return paths


def _sizes(whole: int, most: int, first: int) -> list[int]:
    sizes = [min(first, whole)]
    while sum(sizes) < whole:
        sizes.append(min(most, whole - sum(sizes)))
    return sizes


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def join_pieces(folders: Iterable[Path], target: Path) -> tuple[list[str], list[str]]:
    """Unpacks every archive that is whole into `target`: their names, and a sentence for each that is not."""
    archives: dict[str, list[Piece]] = {}
    joined, faults = [], []
    for path in sorted(path for folder in folders for path in folder.rglob(f"*{ENDING}")):
        try:
            piece = read_piece(path)
        except ValueError as fault:
            faults.append(str(fault))
        else:
            archives.setdefault(piece.name, []).append(piece)
    for name, pieces in archives.items():
        try:
            _join(name, pieces, target)
            joined.append(name)
        except ValueError as fault:
            faults.append(str(fault))
    return joined, faults


def read_piece(path: Path) -> Piece:
    """Raises ValueError where the file is no piece."""
    with path.open("rb") as file:
        line = file.readline(HEADER)
    try:
        return Piece(path, **json.loads(line), start=len(line))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is damaged: it does not begin as a piece does.") from error


def _join(name: str, pieces: list[Piece], target: Path) -> None:
    if len({piece.archive for piece in pieces}) > 1:
        raise ValueError(
            f"Pieces of {name} are of different packings: {', '.join(str(p.path) for p in pieces)}."
        )
    by_number = {piece.number: piece for piece in pieces}
    missing = [str(number) for number in range(1, pieces[0].of + 1) if number not in by_number]
    if missing:
        raise ValueError(f"Of {pieces[0].of} pieces of {name} there lack: {', '.join(missing)}.")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=target) as archive:
        for number in sorted(by_number):
            archive.write(by_number[number].part())
        archive.seek(0)
        with tarfile.open(fileobj=archive, mode="r:gz") as packed:
            packed.extractall(target, filter="data")
