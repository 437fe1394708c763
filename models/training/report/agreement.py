"""Whether the app's engine and the batched decoder give the same figures on the same sentences."""

import json
from dataclasses import asdict

import numpy as np

from report.intervals import Bootstrap
from report.records import read_records
from report.takes import Takes
from report.transcripts import errors, normalise
from workspace import Workspace


def agreement(workspace: Workspace, default_condition: str) -> list[dict]:
    """α, τ and word error rate by method: the app's, the batch's on the same takes, and the difference."""
    plan = json.loads(workspace.need("report/plan.json", "report").read_text())
    lines = workspace.need("report/crosscheck.jsonl", "report").read_text().splitlines()
    app = [json.loads(line) for line in lines]
    rows = []
    for method in dict.fromkeys(take["method"] for take in app):
        takes = [take for take in app if take["method"] == method]
        condition = default_condition if method == "pcg" else method
        ours = _ratios(plan, takes, [take["counters"] for take in takes], [take["heard"] for take in takes])
        theirs = _ratios(plan, takes, *_batch(workspace, plan, condition, takes))
        bootstrap = Bootstrap([plan["sentences"][take["row"]]["split"] for take in takes], plan["seed"])
        for name, ratio in ours.items():
            difference = bootstrap.difference(ratio, theirs[name])
            rows.append(
                {
                    "method": method,
                    "figure": name,
                    "takes": len(takes),
                    "app": asdict(bootstrap.ratio(*ratio)),
                    "batch": asdict(bootstrap.ratio(*theirs[name])),
                    "difference": asdict(difference),
                    "agrees": difference.low <= 0 <= difference.high,
                }
            )
    return rows


def _batch(
    workspace: Workspace, plan: dict, condition: str, takes: list[dict]
) -> tuple[list[dict], list[str]]:
    """Counters and transcripts of the batched decoder's takes of the same sentences and voices."""
    stored = Takes.load(workspace.need(f"report/takes-{condition}.npz", "report"))
    at = [take["row"] * len(plan["voices"]) + take["voice"] for take in takes]
    counters = [{name: int(values[i]) for name, values in stored.counters.items()} for i in at]
    records = read_records(workspace, condition)
    return counters, [records[i]["heard"] for i in at]


def _ratios(
    plan: dict, takes: list[dict], counters: list[dict], heard: list[str]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Numerators and denominators, a take each."""
    said = [normalise(plan["sentences"][take["row"]]["text"]) for take in takes]
    wrong = [errors(text, normalise(hypothesis)) for text, hypothesis in zip(said, heard, strict=True)]
    ratios = {
        "wer": (np.array([e.word_errors for e in wrong], float), np.array([e.words for e in wrong], float))
    }

    def total(*names: str) -> np.ndarray:
        return np.array([sum(count[name] for name in names) for count in counters], float)

    if total("drafted").any():
        ratios["alpha"] = total("accepted"), total("accepted", "rejected")
        ratios["tau"] = total("committed"), total("rounds")
    return ratios
