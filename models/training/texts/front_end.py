"""Runs the app's own front end, in Node, over texts."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from workspace import MissingInput

ROOT = Path(__file__).parents[3]
BUNDLER = ROOT / "node_modules/vite/bin/vite.js"
# Inside the repository, so that the bundle finds its packages.
BUNDLE = ROOT / ".cache/front-end"

# A mark, or a word's spelling with its phones, None if the dictionary lacks it.
Reading = list[str | tuple[str, list[str] | None]]


def read(texts: Iterable[str]) -> list[Reading | None]:
    """The items of each one-line text; None for one that cannot be spoken as one sentence.

    Raises MissingInput without Node or the app's packages.
    """
    node = shutil.which("node")
    if node is None or not BUNDLER.exists():
        raise MissingInput(
            "The texts are read by the app's own front end: install Node and run `npm ci` first."
        )
    entry = Path(__file__).with_name("words.ts")
    subprocess.run(
        [node, BUNDLER, "build", "--ssr", entry, "--outDir", BUNDLE, "--emptyOutDir", "--logLevel", "warn"],
        cwd=ROOT,
        check=True,
    )
    lines = list(texts)
    result = subprocess.run(
        [node, BUNDLE / "words.js"],
        input="".join(line + "\n" for line in lines),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    readings = [json.loads(line) for line in result.stdout.splitlines()]
    if len(readings) != len(lines):
        raise ValueError(f"The front end read {len(readings)} of {len(lines)} texts.")
    return readings
