"""The report's own arithmetic: decoding rules, judges' inputs, failures, intervals, and the written page."""

import gzip
import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from recipe import TINY
from report.coarse import Groups, cosines_of, mean_size
from report.conditions import conditions, thetas_around
from report.failures import failures, measure, repeated_words
from report.intervals import Bootstrap
from report.processors import Sampling, distribution, draw
from report.records import records_name
from report.rounds import COUNTERS, Speculation, accept, cache_length, decode
from report.sentences import Sentence, choose
from report.sound import decode_tokens
from report.takes import Takes
from voices import VOICES
from workspace import MissingInput, Workspace

VECTORS = json.loads((Path(__file__).parents[3] / "tests/data/pcg.json").read_text())
SAMPLES = 100_000
KEEP_ALL = Sampling(temperature=1.0, top_k=0, top_p=1.0, lookahead=3)


def generator(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def groups_of(case: dict) -> Groups:
    vocabulary = case["codebook"] + case["specials"]
    groups = Groups.at(case["theta"], cosines_of(np.array(case["embedding"])), vocabulary)
    return Groups(groups.theta, groups.members.double(), groups.owners.double())


def assert_drawn_from(counts: np.ndarray, expected: np.ndarray) -> None:
    expected = expected / expected.sum() * counts.sum()
    assert counts[expected == 0].sum() == 0
    assert chisquare(counts[expected > 0], expected[expected > 0]).pvalue > 1e-3


# Processors


def processed_one_by_one(logits: list[float], sampling: Sampling) -> list[float]:
    """The app's processor, token by token."""
    weights = [float(np.exp(logit / sampling.temperature)) for logit in logits]
    order = sorted(range(len(logits)), key=lambda t: (-weights[t], t))
    if sampling.top_k:
        order = order[: sampling.top_k]
    eligible = sum(weights[t] for t in order)
    kept, mass = [], 0.0
    for t in order:
        kept.append(t)
        mass += weights[t]
        if mass >= sampling.top_p * eligible:
            break
    return [weights[t] / mass if t in kept else 0.0 for t in range(len(logits))]


@pytest.mark.parametrize(
    "top_k, top_p", [(0, 1.0), (3, 1.0), (0, 0.9), (0, 0.3), (5, 0.8), (1, 0.5), (50, 0.999)]
)
def test_processors_are_the_apps(top_k: int, top_p: float) -> None:
    sampling = Sampling(temperature=0.8, top_k=top_k, top_p=top_p, lookahead=3)
    logits = torch.randn(20, 12, generator=generator())
    expected = torch.tensor([processed_one_by_one(row.tolist(), sampling) for row in logits])
    torch.testing.assert_close(distribution(logits, sampling), expected, atol=1e-6, rtol=1e-5)


def test_draws_follow_their_weights() -> None:
    weights = torch.tensor([0.2, 0.0, 3.0, 0.8])
    counts = np.bincount(draw(weights.expand(SAMPLES, -1), generator()), minlength=4)
    assert_drawn_from(counts, weights.numpy().astype(float))


# Rules


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"theta {case['theta']}")
def test_worked_numbers(case: dict) -> None:
    groups = groups_of(case)
    p, q = (torch.tensor(case[name], dtype=torch.float64)[None] for name in "pq")
    found = [row.nonzero().squeeze(1).tolist() for row in groups.members]
    assert found == case["groups"]
    assert groups.owners.tolist() == case["owners"]
    coarse_p, coarse_q = groups.masses(p), groups.masses(q)
    np.testing.assert_allclose(coarse_p[0], case["P"], atol=1e-6)
    np.testing.assert_allclose(coarse_q[0], case["Q"], atol=1e-6)
    assert float(torch.minimum(p, q).sum()) == pytest.approx(case["alpha_exact"], abs=1e-6)
    assert float(torch.minimum(coarse_p, coarse_q).sum()) == pytest.approx(case["alpha_group"], abs=1e-6)
    residual = (coarse_p - coarse_q).clamp(min=0)
    np.testing.assert_allclose((residual / residual.sum())[0], case["residual_group"], atol=1e-6)
    for k in range(p.shape[1]):
        assert float(groups.mass_of(p, torch.tensor([k]))) == pytest.approx(case["P"][k], abs=1e-6)


def one_round(case: dict, coarse: bool) -> tuple[np.ndarray, float]:
    """First tokens of many rounds with one draft, and the acceptance rate."""
    p, q = (torch.tensor(case[name]) for name in "pq")
    end = len(p)
    groups = groups_of(case)
    groups = Groups(groups.theta, groups.members.float(), groups.owners.float())
    g = generator()
    drafted = draw(q.expand(SAMPLES, -1), g)[:, None]
    speculation = Speculation(None, groups if coarse else None)
    outcome, _ = accept(drafted, p.expand(SAMPLES, 2, -1), q.expand(SAMPLES, 1, -1), speculation, end, g)
    judged = outcome.accepted + outcome.rejected
    return outcome.tokens[:, 0].numpy(), float(outcome.accepted.sum() / judged.sum())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"theta {case['theta']}")
def test_exact_rule_preserves_every_token(case: dict) -> None:
    tokens, alpha = one_round(case, coarse=False)
    assert_drawn_from(np.bincount(tokens, minlength=len(case["p"])), np.array(case["p"]))
    assert alpha == pytest.approx(case["alpha_exact"], abs=5e-3)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"theta {case['theta']}")
def test_coarse_rule_gives_the_worked_marginal(case: dict) -> None:
    tokens, alpha = one_round(case, coarse=True)
    assert_drawn_from(np.bincount(tokens, minlength=len(case["p"])), np.array(case["token_marginal"]))
    assert alpha == pytest.approx(case["alpha_group"], abs=5e-3)


# Rounds


class TableModel:
    """Logits depend on the token fed and its position; reading what was never fed is an error, and so are
    features other than the hidden states of the position before."""

    def __init__(
        self, batch: int, positions: int, table: torch.Tensor, prompts: list[list[int]], maker: int = 0
    ):
        self.table, self.prompts, self.maker = table, prompts, maker
        # Of each pass that was given features: who made each, [batch, S].
        self.makers: list[torch.Tensor] = []
        self.cache = torch.full((batch, positions), -1)
        self.lengths = torch.zeros(batch, dtype=torch.long)

    def forward(
        self, tokens: torch.Tensor, lengths: torch.Tensor, features: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        rows = torch.arange(len(tokens))[:, None]
        at = lengths[:, None] + torch.arange(tokens.shape[1])
        for row, length in enumerate(lengths.tolist()):
            assert (self.cache[row, :length] >= 0).all(), "a position was left out"
            prompt = torch.tensor(self.prompts[row][:length])
            assert torch.equal(self.cache[row, : len(prompt)], prompt), "the prompt was overwritten"
        self.cache[rows, at] = tokens
        if features is not None:
            before = torch.stack([self.cache[rows, at - 1], at - 1], -1)
            behind = torch.where(at[..., None] > 0, before, 0)
            assert torch.equal(features[..., :2].long(), behind), "features of another position"
            self.makers.append(features[..., 2].long())
        # Hidden states that tell which token was fed where, and who made them.
        hidden = torch.stack([tokens, at, torch.full_like(at, self.maker)], -1).float()
        return self.table[(tokens + at) % len(self.table)], hidden


END = 5


def decoded(
    table: torch.Tensor, draft_table: torch.Tensor, groups: Groups | None, sampling: Sampling, **options
):
    prompts = options.pop("prompts", [[7, 9], [8, 6, 9], [7, 7, 7, 9]])
    limits = options.pop("limits", [40] * len(prompts))
    positions = cache_length(prompts, limits, sampling.lookahead)
    target = TableModel(len(prompts), positions, table, prompts)
    speculation = None
    if options.pop("speculative", True):
        draft = TableModel(len(prompts), positions, draft_table, prompts, maker=1)
        options.get("drafts", []).append(draft)
        speculation = Speculation(draft, groups)
    return decode(target, speculation, prompts, limits, END, sampling, generator(3)), target


def sharp(seed: int, rows: int = 11) -> torch.Tensor:
    """Logits of which one is certain, end-of-speech now and then."""
    best = torch.randint(0, END + 1, (rows,), generator=generator(seed))
    return torch.nn.functional.one_hot(best, END + 1) * 1e4


@pytest.mark.parametrize("lookahead", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("seed", range(6))
def test_certain_target_is_followed_whatever_is_drafted(lookahead: int, seed: int) -> None:
    sampling = Sampling(1.0, 0, 1.0, lookahead)
    groups = Groups.at(1.0, np.eye(END), END + 1)
    plain, _ = decoded(sharp(seed), sharp(seed), None, sampling, speculative=False)
    for draft in (sharp(seed), sharp(seed + 1), torch.zeros(11, END + 1)):
        for rule in (None, groups):
            take, target = decoded(sharp(seed), draft, rule, sampling)
            for row, tokens in enumerate(take.tokens):
                assert tokens.tolist() == plain.tokens[row].tolist()
                assert take.ended[row] == plain.ended[row]
                c = {name: take.counters[name][row] for name in COUNTERS}
                assert c["drafted"] == c["accepted"] + c["rejected"] + c["ignored"]
                assert c["committed"] == c["accepted"] + c["recovered"] + c["bonus"]
                if take.ended[row]:
                    assert c["committed"] == len(tokens) + 1


@pytest.mark.parametrize("lookahead", [1, 3])
def test_a_draft_reads_the_targets_hidden_states_first_and_then_its_own(lookahead: int) -> None:
    drafts: list[TableModel] = []
    table, draft_table = (torch.randn(11, END + 1, generator=generator(seed)) for seed in (1, 2))
    take, _ = decoded(table, draft_table, None, Sampling(1.0, 0, 1.0, lookahead), drafts=drafts)
    prompt, *passes = drafts[0].makers
    assert not prompt.any()
    assert len(passes) == lookahead * take.counters["rounds"].max()
    for index, makers in enumerate(passes):
        assert makers.shape[1] == (2 if index % lookahead == 0 else 1)
        assert (makers == (index % lookahead > 0)).all()


def test_nothing_follows_an_accepted_end() -> None:
    always_end = torch.zeros(11, END + 1)
    always_end[:, END] = 1e4
    take, _ = decoded(always_end, always_end, None, KEEP_ALL)
    assert [len(tokens) for tokens in take.tokens] == [0, 0, 0]
    assert take.ended.all()
    assert take.counters["drafted"].tolist() == [1, 1, 1]
    assert take.counters["bonus"].tolist() == [0, 0, 0]
    assert take.counters["committed"].tolist() == [1, 1, 1]


def test_a_take_that_will_not_end_stops_at_its_limit() -> None:
    never = torch.zeros(11, END + 1)
    never[:, END] = -1e4
    take, _ = decoded(never, never, None, KEEP_ALL, limits=[4, 9, 40])
    assert [len(tokens) for tokens in take.tokens] == [4, 9, 40]
    assert not take.ended.any()
    assert take.counters["accepted"].tolist() == take.counters["drafted"].tolist()


def test_exact_decoding_of_whole_takes_has_the_targets_law() -> None:
    table, draft_table = (torch.randn(11, END + 1, generator=generator(seed)) for seed in (1, 2))
    prompts = [[7, 9]] * 4000
    runs = {
        speculative: decoded(
            table, draft_table, None, KEEP_ALL, prompts=prompts, limits=[12] * 4000, speculative=speculative
        )[0]
        for speculative in (False, True)
    }
    lengths = {key: np.bincount([len(t) for t in run.tokens], minlength=13) for key, run in runs.items()}
    both = np.stack(list(lengths.values()))
    both = both[:, both.sum(0) > 10]
    expected = both.sum(0) / 2
    assert (((both - expected) ** 2 / expected).sum()) < 2.5 * both.shape[1]
    judged = runs[True].counters["accepted"] + runs[True].counters["rejected"]
    assert 0.3 < runs[True].counters["accepted"].sum() / judged.sum() < 0.9


# Takes, sentences, sound


def test_takes_survive_their_file(tmp_path: Path) -> None:
    tokens = [np.array([1, 2, 3], np.int16), np.zeros(0, np.int16), np.array([4095], np.int16)]
    takes = Takes.of_tokens(np.array([3, 3, 9]), np.array([0, 1, 0]), tokens)
    takes.save(tmp_path / "takes.npz")
    again = Takes.load(tmp_path / "takes.npz")
    assert [t.tolist() for t in again.tokens] == [[1, 2, 3], [], [4095]]
    assert again.sentences.tolist() == [3, 3, 9] and again.ended.all()


def test_sentences_are_held_out_spoken_by_all_and_the_same_each_time() -> None:
    held_out = [Sentence(i, ("harvard", "test")[i % 2], "Text.", []) for i in range(500)]
    spoken = set(range(0, 500, 2)) | set(range(1, 100, 2))
    chosen = choose(held_out, spoken, 1)
    assert chosen == choose(held_out, spoken, 1) != choose(held_out, spoken, 2)
    few = choose(held_out, spoken, 1, 3)
    assert [sentence.split for sentence in few].count("harvard") == 3 and len(few) == 6
    assert [s.id for s in chosen] == sorted(s.id for s in chosen)
    assert sum(s.split == "harvard" for s in chosen) == 100
    assert sum(s.split == "test" for s in chosen) == 50
    assert all(s.id in spoken for s in chosen)


def test_five_thresholds_lie_around_the_default() -> None:
    cosines = cosines_of(np.random.default_rng(0).standard_normal((400, 8)))
    for default, floor in ((0.6, 0.2), (0.6, 0.6), (0.6, 0.55), (0.3, 0.1)):
        thetas = thetas_around(default, floor, cosines)
        assert len(thetas) == 5 and default in thetas and min(thetas) >= floor and max(thetas) < 1
        sizes = [mean_size(cosines, theta) for theta in thetas]
        assert sizes == sorted(sizes, reverse=True) and sizes[-1] > 1
        coarse = [c for c in conditions(default, thetas) if c.method == "pcg"]
        assert [c.theta for c in coarse] == thetas[::-1]
        assert len({c.name for c in coarse}) == 5


def test_sounds_come_back_in_order_as_if_alone() -> None:
    class Codec:
        def decode(self, tokens: torch.Tensor, voices: torch.Tensor) -> torch.Tensor:
            return (tokens.cumsum(1) / 1000).float().repeat_interleave(2, 1) + voices[:, None] / 10

    tokens = [np.arange(n, dtype=np.int16) for n in (5, 0, 3, 5)]
    sounds = decode_tokens(Codec(), tokens, [1, 4, 2, 3], torch.device("cpu"))
    assert [len(sound) for sound in sounds] == [10, 0, 6, 10]
    np.testing.assert_allclose(sounds[2], np.repeat([0, 1, 3], 2) / 1000 + 0.2)
    np.testing.assert_allclose(sounds[3] - sounds[0], 0.2, rtol=1e-5)


# Failures


def speech_like(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise whose colour and loudness change from syllable to syllable."""
    rng = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * 16_000:
        noise = rng.standard_normal(int(rng.uniform(0.1, 0.25) * 16_000))
        coloured = np.convolve(noise, rng.standard_normal(24), "same")
        parts.append(0.1 * coloured / np.abs(coloured).max() * np.hanning(len(noise)) ** 0.3)
    return np.concatenate(parts)[: int(seconds * 16_000)].astype(np.float32)


def test_ordinary_speech_fails_in_nothing() -> None:
    measured = measure(speech_like(4))
    assert failures(measured, True, 4.0, "a good take".split(), "a good take".split()) == []


def test_silence_of_more_than_a_second_is_found() -> None:
    sound = speech_like(3)
    gap = np.zeros(17_000, np.float32)
    assert measure(np.concatenate([sound, gap, sound]))["silence"] == pytest.approx(17_000 / 16_000, abs=0.03)
    assert "silent" in failures(measure(np.concatenate([sound, gap, sound])), True, 7.0, [], [])
    assert "silent" in failures(measure(np.concatenate([sound, gap])), True, 4.0, [], [])


def test_digital_silence_is_silent_and_nothing_else() -> None:
    measured = measure(np.zeros(40_000, np.float32))
    assert measured["echo"] == 0
    assert failures(measured, True, 2.5, [], []) == ["silent"]


def test_a_loop_is_found_and_a_short_one_is_not() -> None:
    sound = speech_like(3)
    syllables = sound[16_000:24_000]
    looped = np.concatenate([sound[:24_000], syllables, syllables, syllables, sound[24_000:]])
    assert measure(looped)["echo"] > 1.0
    assert "repeating" in failures(measure(looped), True, 4.0, [], [])
    once = np.concatenate([sound[:24_000], syllables, sound[24_000:]])
    assert "repeating" not in failures(measure(once), True, 4.0, [], [])


def test_words_heard_twice_in_a_row_count_unless_the_text_has_them() -> None:
    heard = "take the blue take the blue cup".split()
    assert repeated_words(heard) == 3
    measured = measure(speech_like(3))
    assert failures(measured, True, 3.0, heard, "take the blue cup".split()) == ["repeating"]
    assert failures(measured, True, 3.0, heard, heard) == []
    assert failures(measured, True, 3.0, "no no".split(), "no".split()) == []


def test_short_and_unstopped_takes_are_named() -> None:
    measured = measure(speech_like(1))
    assert failures(measured, True, 2.5, [], []) == ["short"]
    assert failures(measure(np.zeros(0, np.float32)), True, 2.5, [], []) == ["short"]
    assert failures(measure(speech_like(5)), False, 2.5, [], []) == ["unstopped"]


# Intervals


def test_intervals_hold_the_value_and_paired_differences_are_sharp() -> None:
    rng = np.random.default_rng(0)
    words = rng.integers(5, 12, 200).astype(float)
    mistakes = rng.binomial(7, 0.1, 200).astype(float)
    bootstrap = Bootstrap(["harvard"] * 100 + ["test"] * 100, 1)
    figure = bootstrap.ratio(mistakes, words)
    assert figure.low < figure.value == mistakes.sum() / words.sum() < figure.high
    same = bootstrap.difference((mistakes, words), (mistakes, words))
    assert same.low == same.value == same.high == 0
    more = bootstrap.difference((mistakes + 0.05 * words, words), (mistakes, words))
    assert more.low == pytest.approx(0.05) == more.high


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for trial in range(100):
        sample = rng.normal(0.3, 1, 80)
        figure = Bootstrap(["test"] * 80, trial).ratio(sample, np.ones(80))
        covered += figure.low <= 0.3 <= figure.high
    assert 87 <= covered <= 100


# The recogniser's weights


def write_ctranslate2(path: Path, arrays: dict[str, np.ndarray]) -> None:
    def text(value: str) -> bytes:
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    raw = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(arrays))
    for name, values in arrays.items():
        values = values.astype(np.float16)
        raw += text(name) + struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
        raw += struct.pack("<BI", 4, values.nbytes) + values.tobytes()
    path.write_bytes(raw)


def test_packed_recogniser_keeps_its_weights(tmp_path: Path) -> None:
    from report.judges.whisper_weights import pack, unpack

    rng = np.random.default_rng(0)
    arrays = {
        "encoder/conv1/weight": rng.standard_normal((8, 4, 3)),
        "encoder/conv1/bias": rng.standard_normal(8),
        "decoder/embeddings/weight": rng.standard_normal((20, 8)),
        "decoder/position_encodings/encodings": rng.standard_normal((16, 8)),
    }
    write_ctranslate2(tmp_path / "model.bin", arrays)
    (tmp_path / "config.json").write_text('{"suppress_ids": [1, 2], "suppress_ids_begin": [3]}')
    (tmp_path / "tokenizer.json").write_text("{}")
    pack(tmp_path, tmp_path / "packed.npz")
    again = unpack(tmp_path / "packed.npz")
    for name, values in arrays.items():
        np.testing.assert_allclose(again[name], values, atol=np.abs(values).max() / 200, rtol=2e-3)
    assert again["suppressed"].tolist() == [1, 2]


# The written page


def judged_by_chance(workspace: Workspace, plan: dict) -> None:
    """Files of `speak`, `judge` and `crosscheck` for takes that nobody spoke."""
    rng = np.random.default_rng(0)
    rows, voices = len(plan["sentences"]), len(plan["voices"])
    takes = rows * voices
    for condition in plan["conditions"]:
        counters = dict.fromkeys(COUNTERS, np.zeros(takes, int))
        sizes = np.zeros(takes, int)
        if condition["method"] in ("exact", "pcg"):
            accepted, rejected = rng.integers(20, 40, takes), rng.integers(5, 15, takes)
            counters |= {"accepted": accepted, "rejected": rejected, "recovered": rejected}
            counters |= {"rounds": rejected + 9, "committed": accepted + rejected}
            counters["drafted"] = accepted + rejected
            sizes = accepted * 7
        made = Takes(
            np.repeat(np.arange(rows), voices),
            np.tile(np.arange(voices), rows),
            [np.arange(9, dtype=np.int16)] * takes,
            np.arange(takes) != 0,
            counters,
            sizes,
        )
        workspace.write(f"report/takes-{condition['name']}.npz", made.save)
        lines = [
            json.dumps(
                {
                    "heard": sentence["text"] if rng.random() < 0.7 else "Glue the sheep.",
                    "similarity": rng.uniform(0.8, 0.95),
                    "seconds": 2.0,
                    "silence": 0.2,
                    "echo": 0.0,
                    **dict.fromkeys(("signal", "background", "overall"), 3.1),
                }
            )
            for sentence in plan["sentences"]
            for _ in range(voices)
        ]
        workspace.path(records_name(condition["name"])).write_text("\n".join(lines) + "\n")
    app = [
        {
            "row": row,
            "sentence": plan["sentences"][row]["id"],
            "voice": row % voices,
            "method": method,
            "heard": plan["sentences"][row]["text"],
            "counters": dict.fromkeys(COUNTERS, 0)
            | (
                {"drafted": 9, "accepted": 7, "rejected": 2, "rounds": 3, "committed": 9}
                if method != "plain"
                else {}
            ),
        }
        for row in range(rows)
        for method in ("plain", "exact", "pcg")
    ]
    workspace.path("report/crosscheck.jsonl").write_text("".join(json.dumps(take) + "\n" for take in app))


def test_report_is_written_from_files_alone_and_the_same_each_time(tmp_path: Path) -> None:
    from report.write import write

    workspace, pack = Workspace(tmp_path / "work"), tmp_path / "pack"
    plan = {
        "seed": 1,
        "theta": 0.35,
        "floor": 0.2,
        "draftLayers": 1,
        "sampling": vars(KEEP_ALL),
        "swapped": 0.9,
        "conditions": [
            {"name": c.name, "method": c.method, "theta": c.theta, "meanGroupSize": c.theta and 12.5}
            for c in conditions(0.35, [0.2, 0.3, 0.35, 0.5, 0.7])
        ],
        "sentences": [
            {"id": i, "split": ("harvard", "test")[i % 2], "text": f"Glue {i} sheets to the dark background."}
            for i in range(6)
        ],
        "voices": ["one", "two"],
    }
    workspace.path("report/plan.json").write_text(json.dumps(plan))
    with pytest.raises(MissingInput, match="pack.json"):
        write(TINY, workspace, pack)
    pack.mkdir()
    source = {"name": "Somebody's sentences", "use": "training", "licence": "CC0-1.0"}
    (pack / "pack.json").write_text(json.dumps({"id": "test", "name": "Test", "sources": [source]}))
    with pytest.raises(MissingInput, match="judged"):
        write(TINY, workspace, pack)
    judged_by_chance(workspace, plan)
    point = {"theta": 0.4, "mean_size": 31.9, "acceptance": 0.77}
    tables = {"output head": [point, {**point, "swap_distance": 0.41}], "token sound": [point]}
    workspace.path("groups.json").write_text(json.dumps({"rows": "output head", "tables": tables}))
    each = {"acceptance": 0.6, "divergence": 0.7}
    workspace.path("drafts.json").write_text(json.dumps({"tried": {"2": each}, "shipped": {"1": each}}))
    learned = {"hours": 101.6, "hoursOfReadings": 305.2, "readings": 9, "hoursBefore": 69.6}
    workspace.path("corpus.json").write_text(json.dumps(learned))
    for stage in ("codec", "target"):
        workspace.path(f"adopted/losses-{stage}.svg").write_text("<svg/>")
    losses = [{"step": step, "seconds": step / 10, "train": 3 - step / 1000} for step in range(500)]
    workspace.path("losses-target.jsonl").write_text("".join(json.dumps(line) + "\n" for line in losses))

    write(TINY, workspace, pack)
    made = {path.relative_to(pack): path.read_bytes() for path in pack.rglob("*") if path.is_file()}
    write(TINY, workspace, pack)
    assert made == {path.relative_to(pack): path.read_bytes() for path in pack.rglob("*") if path.is_file()}
    assert sum(len(raw) for path, raw in made.items() if path.suffix == ".svg") < 400_000

    report = json.loads(made[Path("report.json")])
    assert [c["name"] for c in report["conditions"]] == [c["name"] for c in plan["conditions"]]
    plain = next(c for c in report["conditions"] if c["method"] == "plain")
    assert plain["lessPlain"]["wer"] == {"value": 0, "low": 0, "high": 0}
    assert plain["failures"]["unstopped"] == 1 == plain["failures"]["takes"]
    wer = plain["figures"]["wer"]
    assert 0 <= wer["low"] <= wer["value"] <= wer["high"] and wer["value"] > 0
    exact = next(c for c in report["conditions"] if c["method"] == "exact")["figures"]
    takes = Takes.load(workspace.root / "report/takes-exact.npz").counters
    judged = takes["accepted"].sum() + takes["rejected"].sum()
    assert exact["alpha"]["value"] == pytest.approx(takes["accepted"].sum() / judged)
    page = made[Path("REPORT.md")].decode()
    assert "Somebody's sentences" in page and "PCG, θ 0.35" in page and "losses-target.svg" in page
    assert (
        "| output head | 31.9 | 0.400 | 0.770 | 0.410 |" in page
        and "| 1 | shipped, taught on | 0.600 | 0.700 |" in page
    )
    assert (
        "| 2 | all tried alike | 0.600 | 0.700 |" in page
        and "102 hours of speech, turned" in page
        and "171 hours of speech together" in page
    )
    # The target was taught again, the codec was not.
    assert made[Path("report/losses-codec.svg")] == b"<svg/>" != made[Path("report/losses-target.svg")]
    for line in page.splitlines():
        if line.startswith("!["):
            assert Path(line.split("(")[1].rstrip(")")) in made


# Speaking


@pytest.fixture
def spoken_workspace(tmp_path: Path) -> Workspace:
    """A work folder as the earlier stages leave it, with models that learnt nothing."""
    from codec.model import Codec, save_codec
    from lm.model import SpeechLM, save_model
    from recipe import Decoder

    torch.manual_seed(0)
    workspace = Workspace(tmp_path)
    words = [["glue", ["G", "L", "UW1"], True], " ", ["it", ["IH1", "T"], True], "."]
    texts = [
        {"id": id, "split": split, "kind": "made", "text": "Glue it.", "words": words}
        for id, split in enumerate(("harvard", "test", "train", "harvard"))
    ]
    with gzip.open(workspace.path("texts.jsonl.gz"), "wt") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)
    length = 20 * TINY.codec.hop
    # The last sentence was spoken by one voice only.
    pairs = [(text, voice) for text in (0, 1, 2) for voice in range(len(VOICES))] + [(3, 0)]
    takes = [
        {
            "shard": 0,
            "start": length * i,
            "length": length,
            "voice": voice,
            "texts": [text],
            "cuts": [0, length],
        }
        for i, (text, voice) in enumerate(pairs)
    ]
    workspace.path("speech/index.jsonl").write_text("".join(json.dumps(take) + "\n" for take in takes))
    noise = np.random.default_rng(0).normal(0, 1000, length * len(pairs)).astype(np.int16)
    np.save(workspace.path("speech/0000.npy"), noise)
    codec = Codec(TINY.codec, TINY.speech.sample_rate)
    save_codec(codec, codec.state_dict(), workspace.path("codec.pt"))
    for name, layers in (("target", 2), ("draft-1", 1)):
        sizes = Decoder(layers=layers, width=64, heads=2, kv_heads=1, feed_forward=64)
        model = SpeechLM(replace(sizes, features=name != "target"))
        save_model(model, workspace.path(f"{name}.pt"))
    rows = np.random.default_rng(1).integers(-127, 128, (4096, 8)).astype(np.int8)
    np.save(workspace.path("groups.npy"), rows)
    chosen = {"draft_layers": 1, "theta": 0.6, "floor": 0.3}
    workspace.path("groups.json").write_text(json.dumps(chosen))
    return workspace


def test_every_condition_is_spoken_once_and_a_lost_one_again(
    spoken_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from report import speak as speaking

    monkeypatch.setattr(speaking, "LIMIT_FACTOR", 1)
    monkeypatch.setattr(speaking, "LIMIT_FRAMES", 3)
    monkeypatch.setattr(speaking, "BATCH", 9)
    speaking.speak(TINY, spoken_workspace)
    plan = json.loads((spoken_workspace.root / "report/plan.json").read_text())
    assert [s["id"] for s in plan["sentences"]] == [0, 1]
    files = {
        c["name"]: spoken_workspace.root / f"report/takes-{c['name']}.npz" for c in plan["conditions"][1:]
    }
    takes = {name: Takes.load(file) for name, file in files.items()}
    for name, each in takes.items():
        assert each.sentences.tolist() == [0] * len(VOICES) + [1] * len(VOICES)
        assert all(len(tokens) <= 23 for tokens in each.tokens), name
        assert all((0 <= tokens).all() and (tokens < 4096).all() for tokens in each.tokens), name
    assert [len(tokens) for tokens in takes["resynthesis"].tokens] == [20] * 2 * len(VOICES)
    assert takes["plain"].counters["bonus"].tolist() == takes["plain"].counters["committed"].tolist()
    rates = {
        name: each.counters["accepted"].sum() / (each.counters["accepted"] + each.counters["rejected"]).sum()
        for name, each in takes.items()
        if name.startswith(("exact", "pcg"))
    }
    # The conditions come by falling θ: larger groups keep more.
    assert list(rates.values())[-1] > list(rates.values())[1] + 0.02
    swapped = np.concatenate(takes["swapped"].tokens) != np.concatenate(takes["plain"].tokens)
    assert 0.8 < swapped.mean() < 0.95

    before = {name: file.read_bytes() for name, file in files.items()}
    files["exact"].unlink()
    (spoken_workspace.root / "speech/0000.npy").unlink()
    speaking.speak(TINY, spoken_workspace)
    assert {name: file.read_bytes() for name, file in files.items()} == before


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    from report.speak import speak
    from report.summary import summarise

    with pytest.raises(MissingInput, match="python models/training groups"):
        speak(TINY, Workspace(tmp_path))
    with pytest.raises(MissingInput, match="python models/training report"):
        summarise(TINY, Workspace(tmp_path))
