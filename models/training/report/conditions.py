"""What is compared: how each condition makes its takes, and with which settings."""

from dataclasses import dataclass

from report.processors import Sampling

SEED = 20
SAMPLING = Sampling(temperature=0.8, top_k=0, top_p=0.95, lookahead=4)
# PCG is also measured this far from the default θ, where the table's floor and 1 allow it.
THETA_STEPS = (-0.10, -0.05, 0.0, 0.10, 0.20)
# Share of plain decoding's tokens that the swap test puts another member of their group for.
SWAPPED = 0.9
# A take that is this many times as long as its teacher's, and these frames more, will not stop.
LIMIT_FACTOR = 3
LIMIT_FRAMES = 100


@dataclass(frozen=True)
class Condition:
    name: str
    # "teacher", "resynthesis", "plain", "exact", "pcg" or "swapped".
    method: str
    theta: float | None = None

    @property
    def speculative(self) -> bool:
        return self.method in ("exact", "pcg")


def conditions(default_theta: float, floor: float) -> list[Condition]:
    """Every condition, in the report's order. θ below the floor is raised to it."""
    thetas = sorted({round(min(1.0, max(floor, default_theta + step)), 4) for step in THETA_STEPS})
    return [
        Condition("teacher", "teacher"),
        Condition("resynthesis", "resynthesis"),
        Condition("plain", "plain"),
        Condition("exact", "exact"),
        *(Condition(f"pcg-{theta:.2f}", "pcg", theta) for theta in reversed(thetas)),
        Condition("swapped", "swapped", default_theta),
    ]
