"""What is compared: how each condition makes its takes."""

from dataclasses import dataclass

import numpy as np

from report.coarse import mean_size, theta_of_size

SEED = 20
# Share of plain decoding's tokens that the swap test puts another member of their group for.
SWAPPED = 0.9
# A take that is this many times as long as its teacher's, and these frames more, will not stop.
LIMIT_FACTOR = 3
LIMIT_FRAMES = 100
# Groups at the floor are so many times those at the default, or there is nothing between to measure.
FLOOR_AWAY = 1.5


@dataclass(frozen=True)
class Condition:
    name: str
    # "teacher", "resynthesis", "plain", "exact", "pcg" or "swapped".
    method: str
    theta: float | None = None

    @property
    def speculative(self) -> bool:
        return self.method in ("exact", "pcg")


def conditions(default_theta: float, thetas: list[float]) -> list[Condition]:
    """Every condition, in the report's order; `thetas` holds the default."""
    return [
        Condition("teacher", "teacher"),
        Condition("resynthesis", "resynthesis"),
        Condition("plain", "plain"),
        Condition("exact", "exact"),
        *(Condition(f"pcg-{theta:.3f}", "pcg", theta) for theta in sorted(thetas, reverse=True)),
        Condition("swapped", "swapped", default_theta),
    ]


def thetas_around(default: float, floor: float, cosines: np.ndarray) -> list[float]:
    """Five θ, the default among them: mean group sizes in even ratios from 1 to the default's, and on to
    those at the floor of the pack's table; where the default lies near the floor, all others above it."""
    size, largest = mean_size(cosines, default), mean_size(cosines, floor)
    if largest > FLOOR_AWAY * size:
        sizes = [size ** (1 / 3), size ** (2 / 3), (size * largest) ** 0.5]
        others = [theta_of_size(cosines, each) for each in sizes] + [floor]
    else:
        others = [theta_of_size(cosines, size ** (part / 5)) for part in range(1, 5)]
    return sorted({default, *(round(theta, 3) for theta in others)})
