"""Where the judges' records of a condition and voice lie: JSON lines, a sentence each."""

import json

from workspace import Workspace


def records_name(plan: dict, condition: str, voice: int) -> str:
    """The file's name in the work folder."""
    return f"report/judged/{condition}-{plan['voices'][voice]}.jsonl"


def read_records(workspace: Workspace, plan: dict, condition: str, voice: int) -> list[dict]:
    """One record a sentence, in the plan's order. Raises MissingInput where nothing was judged."""
    file = workspace.need(records_name(plan, condition, voice), "report")
    return [json.loads(line) for line in file.read_text().splitlines()]
