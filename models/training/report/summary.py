"""All figures of the report, from the takes and what the judges said of them: `report.json`."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from scipy.stats import binomtest

from recipe import Recipe
from report.failures import KINDS, failures
from report.intervals import Bootstrap, Figure
from report.records import read_records
from report.takes import Takes
from report.transcripts import errors, normalise
from workspace import Workspace

# Compared with plain decoding, sentence by sentence.
COMPARED = ("wer", "cer", "similarity", "overall")
SCORES = ("similarity", "overall", "signal", "background")


@dataclass(frozen=True)
class Condition:
    """One condition's numbers, [sentences, voices] each."""

    plan: dict
    # Numerator and denominator of every figure.
    ratios: dict[str, tuple[np.ndarray, np.ndarray]]
    failed: dict[str, np.ndarray]

    @cached_property
    def any_failed(self) -> np.ndarray:
        return np.any(list(self.failed.values()), axis=0)

    def over_voices(self, name: str, voices: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        over, under = self.ratios[name]
        return over[:, voices].sum(1), under[:, voices].sum(1)


def summarise(recipe: Recipe, workspace: Workspace) -> dict:
    """Raises MissingInput for what has not been spoken or judged yet."""
    plan = json.loads(workspace.need("report/plan.json", "report").read_text())
    shape = len(plan["sentences"]), len(plan["voices"])
    said = [normalise(sentence["text"]) for sentence in plan["sentences"]]
    records = {c["name"]: _records(workspace, plan, c["name"]) for c in plan["conditions"]}
    lengths = _field(records["teacher"], "seconds")
    measured = {
        condition["name"]: _condition(workspace, condition, records[condition["name"]], said, lengths, shape)
        for condition in plan["conditions"]
    }
    splits = [sentence["split"] for sentence in plan["sentences"]]
    bootstrap = Bootstrap(splits, plan["seed"])
    plain = measured["plain"]
    return {
        "seed": plan["seed"],
        "sampling": plan["sampling"],
        "defaultTheta": plan["theta"],
        "draftLayers": plan["draftLayers"],
        "swapped": plan["swapped"],
        "sentences": {split: splits.count(split) for split in sorted(set(splits))},
        "voices": plan["voices"],
        "takes": shape[0] * shape[1],
        "conditions": [_summary(each, plain, bootstrap) for each in measured.values()],
        "byVoice": [
            {
                "voice": voice,
                **{
                    condition: {
                        name: asdict(bootstrap.ratio(*measured[condition].over_voices(name, slice(i, i + 1))))
                        for name in COMPARED
                    }
                    for condition in ("teacher", "resynthesis", "plain", _default(plan))
                },
            }
            for i, voice in enumerate(plan["voices"])
        ],
        "bySplit": [
            {
                "split": split,
                **{
                    name: _within(condition, np.array(splits) == split)
                    for name, condition in measured.items()
                },
            }
            for split in sorted(set(splits))
        ],
    }


def _default(plan: dict) -> str:
    """Name of the condition at the default θ."""
    return next(c["name"] for c in plan["conditions"] if c["method"] == "pcg" and c["theta"] == plan["theta"])


def _records(workspace: Workspace, plan: dict, condition: str) -> list[list[dict]]:
    """[sentences][voices]"""
    flat, voices = read_records(workspace, condition), len(plan["voices"])
    return [flat[at : at + voices] for at in range(0, len(flat), voices)]


def _field(records: list[list[dict]], name: str) -> np.ndarray:
    """[sentences, voices]; not a number where there was nothing to judge."""
    return np.array(
        [[np.nan if record[name] is None else record[name] for record in row] for row in records], float
    )


def _condition(
    workspace: Workspace,
    condition: dict,
    records: list[list[dict]],
    said: list[str],
    lengths: np.ndarray,
    shape: tuple[int, int],
) -> Condition:
    heard = [[normalise(record["heard"]) for record in row] for row in records]
    wrong = [[errors(text, hypothesis) for hypothesis in row] for text, row in zip(said, heard, strict=True)]

    def total(name: str) -> np.ndarray:
        return np.array([[getattr(each, name) for each in row] for row in wrong], float)

    ratios = {
        "wer": (total("word_errors"), total("words")),
        "cer": (total("character_errors"), total("characters")),
        "length": (_field(records, "seconds"), lengths),
    }
    for name in SCORES:
        values = _field(records, name)
        ratios[name] = np.nan_to_num(values), (~np.isnan(values)).astype(float)
    ended = np.ones(shape, bool)
    if condition["method"] != "teacher":
        takes = Takes.load(workspace.need(f"report/takes-{condition['name']}.npz", "report"))
        ended = takes.ended.reshape(shape)
        count = {name: counter.reshape(shape).astype(float) for name, counter in takes.counters.items()}
        judged = count["accepted"] + count["rejected"]
        if judged.any():
            ratios["alpha"] = count["accepted"], judged
            ratios["tau"] = count["committed"], count["rounds"]
        if takes.group_sizes.any():
            ratios["judgedGroupSize"] = takes.group_sizes.reshape(shape).astype(float), judged
    kinds = [
        [
            failures(record, bool(ended[s, v]), lengths[s, v], heard[s][v].split(), said[s].split())
            for v, record in enumerate(row)
        ]
        for s, row in enumerate(records)
    ]
    failed = {kind: np.array([[kind in each for each in row] for row in kinds]) for kind in KINDS}
    return Condition(condition, ratios, failed)


def _summary(condition: Condition, plain: Condition, bootstrap: Bootstrap) -> dict:
    takes = condition.any_failed.size
    failed = int(condition.any_failed.sum())
    share = binomtest(failed, takes).proportion_ci(0.95, method="exact")
    return {
        **condition.plan,
        "figures": {name: asdict(bootstrap.ratio(*condition.over_voices(name))) for name in condition.ratios},
        "lessPlain": {
            name: asdict(bootstrap.difference(condition.over_voices(name), plain.over_voices(name)))
            for name in COMPARED
        },
        "failures": {
            **{kind: int(flags.sum()) for kind, flags in condition.failed.items()},
            "takes": failed,
            "share": asdict(Figure(failed / takes, share.low, share.high)),
        },
    }


def _within(condition: Condition, rows: np.ndarray) -> dict[str, float]:
    """Values over some of the sentences."""
    return {
        name: float(over[rows].sum() / under[rows].sum())
        for name, (over, under) in ((name, condition.ratios[name]) for name in COMPARED)
    }
