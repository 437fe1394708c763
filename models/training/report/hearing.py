"""What the judges that need no GPU say of one take; light, for many processes import it."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import resample_poly

from report.failures import RATE, measure
from report.judges.speakers import embed


@dataclass(frozen=True)
class Heard:
    # float32 at RATE.
    sound: np.ndarray
    # Of its speaker, [256].
    embedding: np.ndarray
    measured: dict[str, float]


def hear(sound: np.ndarray, sample_rate: int) -> Heard:
    """Judges a sound, float within ±1."""
    divisor = np.gcd(RATE, sample_rate)
    heard = resample_poly(sound, RATE // divisor, sample_rate // divisor) if len(sound) else sound
    heard = heard.astype(np.float32).clip(-1, 1)
    return Heard(heard, embed(heard), measure(heard))
