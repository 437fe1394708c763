"""Compares tables for the acoustic similarity groups, and chooses rows, default θ and floor for the pack."""

import json
import math

import numpy as np
import torch
from torch import Tensor

from codec.model import load_codec
from groups.tables import joined, model_rows, sound_rows, stored, swap_distance
from layout import CODEBOOK, VOCABULARY
from lm.acceptance import acceptance, default_sampling, distributions
from lm.draft import Samples
from lm.model import baked, load_model
from lm.run import device_for
from lm.target import held_out_batches
from recipe import Recipe
from report.coarse import Groups, cosines_of
from workspace import Workspace

# Mean group sizes that tables are compared at; the first one that reaches the wanted rate is the default.
SIZES = (2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128)
# Tables are ranked at this size.
COMPARED_SIZE = 32
# The pack's neighbours reach down to groups of this size: 3 MB for a codebook of 4,096.
FLOOR_SIZE = 180
POSITIONS = 12_000
SWAPPED_SHAPE = (24, 200)


def run(recipe: Recipe, workspace: Workspace) -> None:
    device = device_for(recipe, "groups")
    target = baked(load_model(workspace.need("target.pt", "target"))).to(device)
    layers = recipe.shipped_draft
    draft = baked(load_model(workspace.need(f"draft-{layers}.pt", "draft"))).to(device)
    codec = load_codec(workspace.need("codec.pt", "codec"))
    samples = Samples(workspace)
    batches = held_out_batches(samples.held_out_documents(), recipe.draft_training)
    p, q = gathered(distributions(target, draft, batches, default_sampling(recipe), device))
    exact = acceptance(p, q).mean().item()
    print(f"groups: exact acceptance rate {exact:.3f} over {len(p)} positions.", flush=True)

    tables = model_rows(target)
    tables["token sound"] = sound_rows(codec, samples.codes, device)
    tables["output head and token sound"] = joined(tables["output head"], tables["token sound"])
    tables = {name: stored(rows) for name, rows in tables.items()}
    frames = samples.codes[: math.prod(SWAPPED_SHAPE)]
    spoken = frames[: len(frames) // SWAPPED_SHAPE[1] * SWAPPED_SHAPE[1]].reshape(-1, SWAPPED_SHAPE[1])
    curves = {}
    for name, rows in tables.items():
        cosines = cosines_of(rows)
        curves[name] = [point(cosines, theta_for(cosines, size), p, q) for size in SIZES]
        for size in (8, COMPARED_SIZE, 128):
            at = curves[name][SIZES.index(size)]
            at["swap_distance"] = swap_distance(codec, spoken, cosines > at["theta"], device)
            print(f"groups: {name}: {at}", flush=True)
        slug = name.replace(" ", "-")
        workspace.write(f"groups-{slug}.npy", lambda path, rows=rows: save(path, rows))

    name = recipe.group_rows or best_rows(curves)
    cosines = cosines_of(tables[name])
    floor = math.ceil(100 * theta_for(cosines, FLOOR_SIZE)) / 100
    theta = recipe.group_theta
    if theta is None:
        theta = max(floor, default_theta(curves[name], recipe.wanted_acceptance, recipe.largest_groups))
    chosen = {
        "draft_layers": layers,
        "rows": name,
        "theta": theta,
        "floor": floor,
        "exact_acceptance": exact,
        "default": point(cosines, theta, p, q),
        "positions": len(p),
        "tables": curves,
    }
    print(f"groups: {name} at θ {theta}: {chosen['default']}, floor {floor}.", flush=True)
    workspace.write("groups.npy", lambda path: save(path, tables[name]))
    workspace.write("groups.json", lambda path: path.write_text(json.dumps(chosen, indent=1) + "\n"))


def gathered(pairs: object) -> tuple[Tensor, Tensor]:
    """p and q of the first positions, float32 [POSITIONS or fewer, VOCABULARY] each."""
    found: list[tuple[Tensor, Tensor]] = []
    for pair in pairs:
        found.append(pair)
        if sum(len(p) for p, _ in found) >= POSITIONS:
            break
    return tuple(torch.cat(side)[:POSITIONS] for side in zip(*found, strict=True))


def theta_for(cosines: np.ndarray, mean_size: float) -> float:
    """θ at which groups have a mean size, as near as distinct cosines allow; to four digits."""
    others = cosines[~np.eye(len(cosines), dtype=bool)]
    pairs = min(len(others) - 1, round((mean_size - 1) * len(cosines)))
    return round(float(-np.partition(-others, pairs)[pairs]), 4)


def point(cosines: np.ndarray, theta: float, p: Tensor, q: Tensor) -> dict[str, float]:
    """Sizes of the groups at θ and the acceptance rate under them."""
    groups = Groups.at(theta, cosines, VOCABULARY, p.device)
    sizes = groups.owners[:CODEBOOK]
    kept = torch.cat(
        [
            acceptance(groups.masses(a), groups.masses(b))
            for a, b in zip(p.split(2048), q.split(2048), strict=True)
        ]
    )
    return {
        "theta": theta,
        "mean_size": sizes.mean().item(),
        "largest": int(sizes.max()),
        "singletons": (sizes == 1).float().mean().item(),
        "acceptance": kept.mean().item(),
    }


def best_rows(curves: dict[str, list[dict]]) -> str:
    """The table whose groups of the compared size keep most."""
    return max(curves, key=lambda name: curves[name][SIZES.index(COMPARED_SIZE)]["acceptance"])


def default_theta(curve: list[dict], wanted: float, largest: float) -> float:
    """θ of the smallest groups that keep the wanted share, or of the largest that are allowed; to two digits,
    downwards. `curve`: by rising size."""
    allowed = [at for at in curve if at["mean_size"] <= largest] or curve[:1]
    enough = [at for at in allowed if at["acceptance"] >= wanted] or allowed[-1:]
    return math.floor(100 * enough[0]["theta"]) / 100


def save(path: object, rows: np.ndarray) -> None:
    with open(path, "wb") as file:
        np.save(file, rows)
