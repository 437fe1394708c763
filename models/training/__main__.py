"""Makes the default voice pack, one stage a command: `python models/training STAGE`."""

import argparse
import importlib
import sys
from pathlib import Path

from recipe import RECIPES
from workspace import MissingInput, Workspace

# In order. Each module has `run(recipe, workspace)`; each imports what it needs only when it runs.
STAGES = {
    "texts": ("texts.stage", "collect sentences and their pronunciations"),
    "speech": ("teachers.stage", "let the teachers speak them"),
    "codec": ("codec.stage", "train the speech codec"),
    "tokens": ("codec.tokens", "turn the speech into acoustic tokens"),
    "target": ("lm.target", "train the target model"),
    "samples": ("lm.samples", "let the target speak, for the draft to learn from"),
    "draft": ("lm.draft", "train the draft models"),
    "groups": ("groups.stage", "compare tables for the acoustic similarity groups"),
    "export": ("export.stage", "write the pack"),
    "report": ("report.stage", "measure the pack and write its report"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python models/training", description=__doc__)
    parser.add_argument("stage", choices=STAGES, help="; ".join(f"{n}: {d}" for n, (_, d) in STAGES.items()))
    parser.add_argument("--recipe", choices=RECIPES, default="full")
    parser.add_argument(
        "--work", type=Path, default=Path(__file__).parent / "work", help="the folder of intermediate results"
    )
    arguments = parser.parse_args()
    try:
        module = importlib.import_module(STAGES[arguments.stage][0])
        module.run(RECIPES[arguments.recipe], Workspace(arguments.work))
    except MissingInput as missing:
        print(missing, file=sys.stderr)
        return 2
    except ModuleNotFoundError as missing:
        print(
            f"The Python package {missing.name} is missing: pip install -r models/training/requirements.txt",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
