"""DNSMOS (Reddy et al., ICASSP 2022): predicted opinions of speech, background and the whole, 1 to 5.

The network and the arithmetic are the package speechmos's; here it runs in batches and on a GPU.
"""

from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import torch
from onnx2torch import convert

RATE = 16_000
WINDOW = 144_160
SECONDS = 9.01
SCORES = ("signal", "background", "overall")
# speechmos's fit from the network's outputs to opinion scores, highest power first.
FITS = (
    (-0.08397278, 1.22083953, 0.0052439),
    (-0.13166888, 1.60915514, -0.39604546),
    (-0.06766283, 1.11546468, 0.04602535),
)
BATCH = {"cuda": 64, "cpu": 4}


def windows(sound: np.ndarray) -> list[np.ndarray]:
    """A sound's windows as speechmos cuts them: doubled until 9.01 s long, then one window a second."""
    while len(sound) < int(SECONDS * RATE):
        sound = np.append(sound, sound)
    hops = int(np.floor(len(sound) / RATE) - SECONDS) + 1
    starts = [hop * RATE for hop in range(hops)]
    return [sound[at : at + WINDOW] for at in starts if len(sound) - at >= WINDOW]


class NaturalnessJudge:
    def __init__(self, device: torch.device):
        network = files("speechmos").joinpath("dnsmos_models/sig_bak_ovr.onnx")
        self.device = device
        self.network = convert(str(network)).to(device).eval()

    def score(self, sounds: Sequence[np.ndarray]) -> list[dict[str, float]]:
        """SCORES of each sound, float at 16 kHz, not empty: means over its windows."""
        cut = [windows(sound.astype(np.float32)) for sound in sounds]
        flat = [window for each in cut for window in each]
        batch = BATCH[self.device.type]
        raw = []
        with torch.inference_mode():
            for at in range(0, len(flat), batch):
                inputs = torch.from_numpy(np.stack(flat[at : at + batch])).to(self.device)
                raw.append(self.network(inputs).cpu().numpy())
        fitted = np.stack([np.polyval(fit, np.concatenate(raw)[:, i]) for i, fit in enumerate(FITS)], 1)
        scores, at = [], 0
        for each in cut:
            mean = fitted[at : at + len(each)].mean(0)
            at += len(each)
            scores.append(dict(zip(SCORES, map(float, mean), strict=True)))
        return scores
