"""Writes the pack: graphs, neighbours, voice samples and manifest, in `work/pack`; the full one becomes
`models/default`."""

import json
import os
import shutil
import subprocess
from itertools import islice
from pathlib import Path

import numpy as np

from codec.model import load_codec
from export.agreement import graph_divergence
from export.codec_graph import write_codec_decoder, write_codec_encoder
from export.decoder_graph import write_decoder_graph
from export.manifest import NEIGHBOURS_FILE, manifest, speaking_rate
from export.voice_samples import write_voice_samples
from lm.corpus import Corpus
from lm.model import SpeechLM, baked, load_model
from recipe import FULL, Recipe
from workspace import DEFAULT_PACK, MissingInput, Refused, Workspace

ROOT = Path(__file__).parents[3]
LARGEST_PACK = 40 * 2**20
# Held-out documents that a graph is compared with its model on.
COMPARED_DOCUMENTS = 12


def run(recipe: Recipe, workspace: Workspace) -> None:
    groups = json.loads(workspace.need("groups.json", "groups").read_text())
    rows = np.load(workspace.need("groups.npy", "groups"))
    groups["width"] = rows.shape[1]
    models = {
        "target": load_model(workspace.need("target.pt", "target")),
        "draft": load_model(workspace.need(f"draft-{groups['draft_layers']}.pt", "draft")),
    }
    codec = load_codec(workspace.need("codec.pt", "codec"))
    held_out = Corpus(recipe, workspace, "validation")

    folder = workspace.path("pack")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, model in models.items():
        write_decoder_graph(model, recipe.max_length, folder / f"{name}.onnx")
    write_codec_decoder(codec, folder / "codec_decoder.onnx")
    write_voice_samples(baked(models["target"]), codec, recipe, folder / "voices")
    (folder / NEIGHBOURS_FILE).write_bytes(b"\0")

    measured = [*graph_figures(recipe, models, held_out, folder), *group_figures(groups)]
    described = manifest(recipe, models, codec, groups, speaking_rate(held_out), measured, folder)
    text = json.dumps(described, ensure_ascii=False, indent=1)
    (folder / "pack.json").write_text(text + "\n", encoding="utf-8")
    table = workspace.path("groups.i8")
    table.write_bytes(rows.tobytes())
    build_neighbours(folder, table, rows.shape[1], groups["floor"])

    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"export: {folder}, {size / 2**20:.1f} MiB.", flush=True)
    if size > LARGEST_PACK:
        raise Refused(f"{folder} has {size / 2**20:.1f} MiB, but {LARGEST_PACK / 2**20:.0f} may be shipped.")
    encoder = workspace.path("codec_encoder.onnx")
    write_codec_encoder(codec, encoder)
    if recipe == FULL:
        replace_folder(folder, DEFAULT_PACK)
        # Beside the pack, which does without it.
        shutil.copyfile(encoder, DEFAULT_PACK.with_name("codec_encoder.onnx"))
        print(f"export: {DEFAULT_PACK} is this pack now.", flush=True)


def build_neighbours(folder: Path, table: Path, width: int, floor: float) -> None:
    """Lets the app build the neighbour table, which also checks the manifest and completes it."""
    npm = shutil.which("npm")
    if npm is None or not (ROOT / "node_modules").exists():
        raise MissingInput(
            "The neighbour table is built by the app's own code: install Node and run `npm ci` first."
        )
    options = ["--table", str(table), "--width", str(width), f"--floor={floor}"]
    subprocess.run([npm, "run", "--silent", "neighbours", "--", str(folder), *options], cwd=ROOT, check=True)


def graph_figures(recipe: Recipe, models: dict[str, SpeechLM], held_out: Corpus, folder: Path) -> list[dict]:
    """What the graphs lose against full precision."""
    documents = list(islice(held_out.sentences(np.random.default_rng(0)), COMPARED_DOCUMENTS))
    frames = sum(len(document.codes) for document in documents)
    figures = []
    for name, model in models.items():
        reads = models["target"] if model.config.features else None
        lost = graph_divergence(folder / f"{name}.onnx", model, recipe.max_length, documents, reads)
        print(f"export: {name}: {lost}", flush=True)
        figures += [
            {
                "what": f"divergence of the {name} graph from its weights in full precision, nats a frame",
                "value": round(lost["divergence"], 5),
                "with": f"onnxruntime on a CPU, {frames} held-out frames",
            },
        ]
    return figures


def group_figures(groups: dict) -> list[dict]:
    """Acceptance rates that the stage `groups` computed."""
    source = f"both distributions at {groups['positions']} positions of the target's held-out speech, default sampling"

    def figure(what: str, value: float) -> dict:
        return {"what": what, "value": round(value, 4), "with": source}

    default = groups["default"]
    return [
        figure("acceptance rate, exact", groups["exact_acceptance"]),
        figure(f"acceptance rate, PCG at the default θ {groups['theta']}", default["acceptance"]),
        figure("mean group size at the default θ", default["mean_size"]),
        *(
            figure(
                f"acceptance rate, PCG at θ {at['theta']}, groups of {at['mean_size']:.1f}", at["acceptance"]
            )
            for at in groups["tables"][groups["rows"]]
            if at["theta"] >= groups["floor"]
        ),
    ]


def replace_folder(source: Path, target: Path) -> None:
    """Puts a copy of a folder in the place of another, which is there whole until the copy is."""
    fresh, old = target.with_name(f"{target.name}.new"), target.with_name(f"{target.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(source, fresh)
    if target.exists():
        os.replace(target, old)
    os.replace(fresh, target)
    shutil.rmtree(old, ignore_errors=True)
