"""Makes the default voice pack, one stage a command: `python models/training STAGE`."""

import argparse
import importlib
import sys
from pathlib import Path

from processes import ProcessFailed
from recipe import RECIPES
from workspace import DEFAULT_PACK, MissingInput, Refused, Workspace

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
MEBIBYTE = 2**20


def parse() -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--recipe", choices=RECIPES, default="full")
    common.add_argument(
        "--work", type=Path, default=Path(__file__).parent / "work", help="the folder of intermediate results"
    )
    parser = argparse.ArgumentParser(prog="python models/training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="STAGE")
    for name, (_, does) in STAGES.items():
        commands.add_parser(name, parents=[common], help=does)
    everything = commands.add_parser(
        "all", parents=[common], help="all that wants a GPU, from speech to the report's judges"
    )
    everything.add_argument("--through", metavar="STEP", help="end with this one, such as groups")
    everything.add_argument(
        "--minutes", type=float, help="be done in so many minutes: trainings are cut to their shares of them"
    )
    everything.add_argument(
        "--sentences", type=int, metavar="N", help="of each kind, that the report is of; 100 without"
    )
    everything.add_argument("--carry", type=Path, help="leave there what is to be carried home, in pieces")
    everything.add_argument("--piece", type=float, default=15.9, help="mebibytes of a piece at most")
    pack = commands.add_parser("pack", parents=[common], help="pack what a machine without a network needs")
    pack.add_argument("--to", type=Path, required=True, help="folders 1, 2 … are made in it")
    pack.add_argument("--most", type=float, default=60, help="mebibytes of a folder at most")
    join = commands.add_parser("join", parents=[common], help="put what was carried into the work folder")
    join.add_argument("folders", type=Path, nargs="+", help="where the pieces lie")
    adopted = commands.add_parser(
        "adopt", parents=[common], help="have codec and target go on from those of a pack"
    )
    adopted.add_argument("--pack", type=Path, default=DEFAULT_PACK, help="its folder")
    return parser.parse_args()


def run(arguments: argparse.Namespace) -> int:
    recipe, workspace = RECIPES[arguments.recipe], Workspace(arguments.work)
    if arguments.command == "all":
        from all_stages import Everything

        piece = int(arguments.piece * MEBIBYTE)
        return Everything(
            arguments.recipe,
            recipe,
            workspace,
            arguments.minutes,
            arguments.carry,
            piece,
            arguments.through,
            arguments.sentences,
        ).run()
    if arguments.command == "pack":
        from travel import pack_inputs

        pack_inputs(workspace, arguments.to, int(arguments.most * MEBIBYTE))
        for path in sorted(path for path in arguments.to.rglob("*") if path.is_file()):
            print(f"{path.stat().st_size / MEBIBYTE:8.1f} MiB  {path}")
        return 0
    if arguments.command == "join":
        from pieces import join_pieces

        joined, faults = join_pieces(arguments.folders, arguments.work)
        print(f"Joined: {', '.join(joined) or 'nothing'}.")
        print(*faults, sep="\n", file=sys.stderr)
        return 2 if faults else 0
    if arguments.command == "adopt":
        from export.adoption import adopt

        adopt(recipe, workspace, arguments.pack)
        print(f"{arguments.pack} is what the stages codec and target begin with.")
        return 0
    importlib.import_module(STAGES[arguments.command][0]).run(recipe, workspace)
    return 0


def main() -> int:
    try:
        return run(parse())
    except MissingInput as missing:
        print(missing, file=sys.stderr)
        return 2
    except ModuleNotFoundError as missing:
        print(f"{missing}: pip install -r models/training/requirements.txt", file=sys.stderr)
        return 2
    except (ProcessFailed, Refused) as failed:
        print(failed, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
