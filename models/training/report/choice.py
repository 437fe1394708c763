"""Which draft and which groups the pack ships, as the `groups` stage chose."""

import json
from dataclasses import dataclass

import numpy as np

from report.coarse import cosines_of
from workspace import Workspace


@dataclass(frozen=True)
class Choice:
    draft_layers: int
    theta: float
    floor: float
    # [codebook, codebook]
    cosines: np.ndarray


def read_choice(workspace: Workspace) -> Choice:
    chosen = json.loads(workspace.need("groups.json", "groups").read_text())
    rows = np.load(workspace.need("groups.npy", "groups"))
    return Choice(chosen["draft_layers"], chosen["theta"], chosen["floor"], cosines_of(rows))
