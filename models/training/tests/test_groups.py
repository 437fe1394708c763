"""Tables for the acoustic similarity groups, on rows and distributions small enough to work out."""

import numpy as np
import pytest
import torch

from codec.model import Codec
from groups.stage import best_rows, default_theta, point, theta_for
from groups.tables import joined, sound_rows, stored, swap_distance, unit
from layout import CODEBOOK, VOCABULARY
from recipe import TINY
from report.coarse import cosines_of


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(CODEBOOK, 16))


def test_stored_rows_keep_their_cosines(rows: np.ndarray) -> None:
    kept = stored(rows * np.logspace(-6, 3, CODEBOOK)[:, None])
    assert kept.dtype == np.int8
    assert np.abs(cosines_of(kept) - cosines_of(rows)).max() < 0.02


def test_cosines_of_joined_rows_are_the_mean(rows: np.ndarray) -> None:
    other = np.random.default_rng(1).normal(size=(CODEBOOK, 5))
    both = cosines_of(joined(rows, 100 * other))
    np.testing.assert_allclose(both, (cosines_of(rows) + cosines_of(other)) / 2, atol=1e-9)


def test_theta_gives_groups_of_the_size_asked_for(rows: np.ndarray) -> None:
    cosines = cosines_of(rows)
    for size in (2, 16, 100):
        theta = theta_for(cosines, size)
        sizes = 1 + (cosines - 2 * np.eye(CODEBOOK) > theta).sum(1)
        assert sizes.mean() == pytest.approx(size, rel=0.02)


def test_acceptance_grows_from_exact_to_certain_with_the_groups(rows: np.ndarray) -> None:
    torch.manual_seed(0)
    p, q = (torch.softmax(3 * torch.randn(6, VOCABULARY), -1) for _ in range(2))
    cosines = cosines_of(rows)
    alone = point(cosines, 1.0, p, q)
    assert alone["acceptance"] == pytest.approx(torch.minimum(p, q).sum(-1).mean().item(), abs=1e-5)
    assert alone["singletons"] == 1 and alone["mean_size"] == 1
    found = [point(cosines, theta_for(cosines, size), p, q)["acceptance"] for size in (4, 32, 512)]
    assert alone["acceptance"] < found[0] < found[1] < found[2] < 1.0001


def test_smallest_groups_that_keep_enough_are_the_default() -> None:
    rows = ((0.618, 2.0, 0.7), (0.555, 8.0, 0.81), (0.4, 32.0, 0.9))
    curve = [{"theta": t, "mean_size": size, "acceptance": a} for t, size, a in rows]
    assert default_theta(curve, 0.8, 100) == 0.55
    assert default_theta(curve, 0.95, 100) == 0.4
    assert default_theta(curve, 0.95, 8) == 0.55
    assert default_theta(curve, 0.7, 8) == 0.61
    assert default_theta(curve, 0.95, 1) == 0.61


def test_rows_of_the_best_acceptance_are_chosen() -> None:
    curves = {"worse": [{"acceptance": 0.7}] * 11, "better": [{"acceptance": 0.8}] * 11}
    assert best_rows(curves) == "better"


def test_sounds_of_tokens_are_told_apart_and_swaps_are_heard() -> None:
    torch.manual_seed(0)
    codec = Codec(TINY.codec, TINY.speech.sample_rate).eval()
    codes = np.random.default_rng(0).choice([3, 1000, 4000], 1200).astype(np.int16)
    heard = sound_rows(codec, codes, torch.device("cpu"))
    present = np.abs(heard).sum(1) > 0
    assert set(np.flatnonzero(present)) == {3, 1000, 4000}
    similar = cosines_of(heard[present])
    assert similar[~np.eye(3, dtype=bool)].max() < 0.5
    assert np.allclose(np.linalg.norm(unit(heard[present]), axis=1), 1)
    spoken = codes[:400].reshape(4, 100)
    alone = np.eye(CODEBOOK, dtype=bool)
    assert swap_distance(codec, spoken, alone, torch.device("cpu")) == 0
    assert swap_distance(codec, spoken, np.ones_like(alone), torch.device("cpu")) > 0
