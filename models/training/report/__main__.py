"""One step of the report alone, for machines that can do only that one."""

import argparse
import importlib
import sys
from pathlib import Path

from processes import ProcessFailed
from recipe import RECIPES
from workspace import MissingInput, Workspace

STEPS = {
    "speak": "speak every sentence under every condition (wants a GPU)",
    "judge": "let the judges hear the takes (wants a GPU or much time)",
    "crosscheck": "let the app speak some of the sentences, and judge that",
    "samples": "write the four sounds that the README links",
    "write": "write REPORT.md, report.json and the plots",
    "pack_whisper": "pack the recogniser's weights for a machine without network",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m report", description=__doc__)
    parser.add_argument("step", choices=STEPS, help="; ".join(f"{n}: {d}" for n, d in STEPS.items()))
    parser.add_argument("--recipe", choices=RECIPES, default="full")
    parser.add_argument("--work", type=Path, default=Path(__file__).parents[1] / "work")
    parser.add_argument(
        "--sentences",
        type=int,
        metavar="N",
        help="of each kind, that `speak` begins a report of; 100 without",
    )
    arguments = parser.parse_args()
    options = {} if arguments.sentences is None else {"sentences": arguments.sentences}
    if options and (arguments.step != "speak" or arguments.sentences < 1):
        parser.error("--sentences is a number from 1 on, for `speak` alone")
    try:
        step = getattr(importlib.import_module(f"report.{arguments.step}"), arguments.step)
        step(RECIPES[arguments.recipe], Workspace(arguments.work), **options)
    except MissingInput as missing:
        print(missing, file=sys.stderr)
        return 2
    except ModuleNotFoundError as missing:
        print(f"{missing}: pip install -r models/training/requirements-judges.txt", file=sys.stderr)
        return 2
    except ProcessFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
