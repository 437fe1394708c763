"""Where the judges' records of a condition lie: JSON lines, sentence by sentence, each by every voice."""

import json

from workspace import Workspace


def records_name(condition: str) -> str:
    """The file's name in the work folder."""
    return f"report/judged-{condition}.jsonl"


def read_records(workspace: Workspace, condition: str) -> list[dict]:
    """One record a take. Raises MissingInput where the condition was not judged yet."""
    file = workspace.need(records_name(condition), "report")
    return [json.loads(line) for line in file.read_text().splitlines()]
