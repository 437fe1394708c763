"""Last step of the report: `REPORT.md`, `report.json` and plots, from files alone."""

import json
from pathlib import Path

from recipe import FULL, Recipe
from report.agreement import agreement
from report.failures import KINDS
from report.plots import acceptance_plot, cost_plot, loss_plots
from report.summary import summarise
from workspace import DEFAULT_PACK, MissingInput, Workspace

# What was tried where a figure is missed: words that no program can write.
TRIED = Path(__file__).with_name("tried.md")

JUDGES = (
    ("Whisper base (OpenAI)", "word and character error rates", "MIT"),
    ("Resemblyzer's voice encoder (Resemble AI)", "speaker similarity", "Apache-2.0"),
    ("DNSMOS by the package speechmos (Microsoft)", "naturalness", "MIT"),
)


def write(recipe: Recipe, workspace: Workspace, pack: Path | None = None) -> None:
    """Into a pack: the default one at the full recipe, else the work folder's. Raises MissingInput without it."""
    pack = pack or (DEFAULT_PACK if recipe == FULL else workspace.root / "pack")
    manifest_file = pack / "pack.json"
    if not manifest_file.exists():
        raise MissingInput(f"{manifest_file} is missing: run `python models/training export` first.")
    manifest = json.loads(manifest_file.read_text())
    report = summarise(recipe, workspace)
    default = default_condition(report)
    report = {
        "pack": manifest["id"],
        **report,
        "aims": aims(report),
        "groupTables": read_json(workspace, "groups.json", "groups"),
        "drafts": read_json(workspace, "drafts.json", "draft"),
        "corpus": read_json(workspace, "corpus.json", "target"),
        "crossCheck": agreement(workspace, default["name"]),
        "licences": licences(manifest),
    }
    (pack / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    folder = pack / "report"
    folder.mkdir(exist_ok=True)
    acceptance_plot(report["conditions"], folder / "acceptance.svg")
    cost_plot(report["conditions"], folder / "cost.svg")
    losses = loss_plots(workspace, folder)
    (pack / "REPORT.md").write_text(markdown(report, manifest, losses))


def read_json(workspace: Workspace, name: str, made_by: str) -> dict:
    return json.loads(workspace.need(name, made_by).read_text())


def find(report: dict, method: str) -> dict:
    return next(c for c in report["conditions"] if c["method"] == method)


def default_condition(report: dict) -> dict:
    """PCG at the pack's θ."""
    return next(
        c for c in report["conditions"] if c["method"] == "pcg" and c["theta"] == report["defaultTheta"]
    )


def aims(report: dict) -> list[dict]:
    """What was aimed for, what came out, and by how much it is missed (0 if reached)."""
    plain, exact, pcg = find(report, "plain"), find(report, "exact"), default_condition(report)
    teacher_wer = find(report, "teacher")["figures"]["wer"]["value"]
    wer = plain["figures"]["wer"]["value"]
    less = {name: figure["value"] for name, figure in pcg["lessPlain"].items()}
    failed = (
        sum(c["failures"]["takes"] for c in report["conditions"] if c["method"] in ("plain", "exact"))
        + pcg["failures"]["takes"]
    )
    rows = (
        ("word error rate of plain decoding", wer, None, 0.06),
        ("word error rate of plain decoding, less the teachers'", wer - teacher_wer, None, 0.025),
        ("word error rate of PCG at the default θ, less plain", less["wer"], None, 0.015),
        ("speaker similarity of PCG at the default θ, less plain", less["similarity"], -0.03, None),
        ("DNSMOS overall of PCG at the default θ, less plain", less["overall"], -0.1, None),
        ("acceptance rate of exact decoding", exact["figures"]["alpha"]["value"], 0.6, None),
        ("acceptance rate of PCG at the default θ", pcg["figures"]["alpha"]["value"], 0.8, None),
        ("failed takes of plain, exact and default PCG", failed, None, 0),
    )
    return [
        {
            "what": what,
            "value": value,
            "least": least,
            "most": most,
            "missedBy": max(0, least - value if least is not None else value - most),
        }
        for what, value, least, most in rows
    ]


def licences(manifest: dict) -> list[dict]:
    judges = [{"name": name, "use": f"judged {use}", "licence": licence} for name, use, licence in JUDGES]
    return [*manifest["sources"], *judges]


def percent(figure: dict, sign: str = "") -> str:
    return number({name: 100 * figure[name] for name in ("value", "low", "high")}, 1, sign)


def number(figure: dict, digits: int = 3, sign: str = "") -> str:
    return " ".join(
        (
            f"{figure['value']:{sign}.{digits}f}",
            f"({figure['low']:{sign}.{digits}f} to {figure['high']:{sign}.{digits}f})",
        )
    )


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def title(condition: dict) -> str:
    return {
        "teacher": "teacher",
        "resynthesis": "codec resynthesis",
        "plain": "plain decoding",
        "exact": "exact speculative",
        "pcg": f"PCG, θ {condition['theta']}",
        "swapped": "in-group swaps of plain",
    }[condition["method"]]


def markdown(report: dict, manifest: dict, losses: list[Path]) -> str:
    conditions = report["conditions"]
    decoded = [c for c in conditions if "alpha" in c["figures"]]
    sampling = report["sampling"]
    counts = " and ".join(f"{n} {split}" for split, n in report["sentences"].items())
    sections = [
        f"# {manifest['name']}: measured",
        f"Made by `python models/training report`. {sum(report['sentences'].values())} sentences that no "
        f"training saw ({counts}), each by {len(report['voices'])} voices: {report['takes']} takes a "
        f"condition. Temperature {sampling['temperature']}, top-p {sampling['top_p']}, lookahead "
        f"{sampling['lookahead']}, seed {report['seed']}, weights rounded as the pack stores them. In "
        "brackets 95 % intervals: sentences drawn anew 2,000 times, each with all its voices.",
        "## Aims",
        table(
            ("figure", "measured", "aim", "missed by"),
            [
                (
                    row["what"],
                    f"{row['value']:.3g}",
                    f"at least {row['least']}" if row["least"] is not None else f"at most {row['most']}",
                    f"{row['missedBy']:.3g}" if row["missedBy"] else "–",
                )
                for row in report["aims"]
            ],
        ),
    ]
    if TRIED.exists():
        sections.append(TRIED.read_text().strip())
    sections += [
        "## Quality",
        "Word (WER) and character (CER) error rate in % by Whisper base, greedy, over texts normalised by "
        "Whisper's own English normaliser; similarity: cosine of Resemblyzer's embedding with the mean of "
        "the teacher's other sentences; DNSMOS: overall, 1 to 5.",
        table(
            ("condition", "WER %", "CER %", "similarity", "DNSMOS", "length ÷ teacher's"),
            [
                (
                    title(c),
                    percent(c["figures"]["wer"]),
                    percent(c["figures"]["cer"]),
                    number(c["figures"]["similarity"]),
                    number(c["figures"]["overall"], 2),
                    number(c["figures"]["length"], 2),
                )
                for c in conditions
            ],
        ),
        "### Less plain decoding, sentence by sentence",
        table(
            ("condition", "WER, points", "CER, points", "similarity", "DNSMOS"),
            [
                (
                    title(c),
                    percent(c["lessPlain"]["wer"], "+"),
                    percent(c["lessPlain"]["cer"], "+"),
                    number(c["lessPlain"]["similarity"], 3, "+"),
                    number(c["lessPlain"]["overall"], 2, "+"),
                )
                for c in conditions
                if c["method"] != "plain"
            ],
        ),
        f"The swaps put another member of its group at θ {report['defaultTheta']} for "
        f"{100 * report['swapped']:.0f} % of plain decoding's tokens, where the group has one.",
        "## Speculation",
        f"Layers of the draft: {report['draftLayers']}. α: accepted ÷ judged; τ: tokens committed per target "
        "call; group size: mean over the codebook, and mean over the groups that drafts were judged by.",
        table(
            ("condition", "α", "τ", "mean group size", "of judged drafts"),
            [
                (
                    title(c),
                    number(c["figures"]["alpha"]),
                    number(c["figures"]["tau"], 2),
                    "1.0" if c["meanGroupSize"] is None else f"{c['meanGroupSize']:.1f}",
                    number(c["figures"]["judgedGroupSize"], 1)
                    if "judgedGroupSize" in c["figures"]
                    else "1.0",
                )
                for c in decoded
            ],
        ),
        "![Acceptance rate over θ](report/acceptance.svg)",
        "![Cost over θ](report/cost.svg)",
        "## Group tables",
        "Which rows tokens are compared by, on held-out speech of the target: α exactly, from both "
        "distributions of a position; swap distance: mean change of the log-mel, in nats, when nearly all "
        f"tokens become other members of their groups. The pack ships “{report['groupTables']['rows']}”.",
        table(
            ("rows", "mean group size", "θ", "α", "swap distance"),
            [
                (
                    name,
                    f"{point['mean_size']:.1f}",
                    f"{point['theta']:.3f}",
                    f"{point['acceptance']:.3f}",
                    f"{point['swap_distance']:.3f}",
                )
                for name, curve in report["groupTables"]["tables"].items()
                for point in curve
                if "swap_distance" in point
            ],
        ),
        "## Drafts",
        "Exact acceptance rate and divergence from the target, in nats a frame, on the target's held-out speech, "
        f"in rounds of {sampling['lookahead']} draft tokens.",
        table(
            ("layers", "", "α, exact", "divergence"),
            [
                (layers, when, f"{draft['acceptance']:.3f}", f"{draft['divergence']:.3f}")
                for kind, when in (("tried", "all tried alike"), ("shipped", "shipped, taught on"))
                for layers, draft in report["drafts"][kind].items()
            ],
        ),
        "## Failed takes",
        f"Of {report['takes']} a condition. Unstopped: no end-of-speech within 3 times the teacher's length "
        "and 2 s more. Short: under half the teacher's length. Silent: more than 1 s of silence. Repeating: "
        "more than 1 s that sounds like what was one same lag earlier, or three words and more heard twice "
        "in a row.",
        table(
            ("condition", *KINDS, "takes", "share %"),
            [
                (
                    title(c),
                    *(str(c["failures"][kind]) for kind in KINDS),
                    str(c["failures"]["takes"]),
                    percent(c["failures"]["share"]),
                )
                for c in conditions
            ],
        ),
        "## By voice",
        by_voice(report),
        "## The app's own engine",
        "The shipped graphs, spoken by the app's command line on the CPU, against the batched decoder on "
        "the same sentences and voices.",
        table(
            ("method", "figure", "app", "batch", "difference", "agrees"),
            [
                (
                    row["method"],
                    row["figure"],
                    number(row["app"]),
                    number(row["batch"]),
                    number(row["difference"], 3, "+"),
                    "yes" if row["agrees"] else "no",
                )
                for row in report["crossCheck"]
            ],
        ),
        "## Training",
        learned_from(report["corpus"]),
        *(f"![Losses of {path.stem.removeprefix('losses-')}](report/{path.name})" for path in losses),
        "## Licences",
        table(
            ("what", "use", "licence"),
            [(row["name"], row["use"], row["licence"]) for row in report["licences"]],
        ),
    ]
    return "\n\n".join(sections) + "\n"


def learned_from(corpus: dict) -> str:
    sentence = (
        f"The target learned from {corpus['hours']:.0f} hours of speech, turned into tokens at several offsets, gains "
        f"and noises: {corpus['hoursOfReadings']:.0f} hours in all."
    )
    before = corpus.get("hoursBefore")
    return sentence + (
        f" It went on from a pack whose target had learned from {before:.0f} other hours: "
        f"{before + corpus['hours']:.0f} hours of speech together."
        if before
        else ""
    )


def by_voice(report: dict) -> str:
    names = [name for name in report["byVoice"][0] if name != "voice"]
    head = ("voice", *(f"{name}: WER %, similarity, DNSMOS" for name in names))
    rows = []
    for row in report["byVoice"]:
        cells = (
            f"{100 * row[name]['wer']['value']:.1f}, {row[name]['similarity']['value']:.3f}, "
            f"{row[name]['overall']['value']:.2f}"
            for name in names
        )
        rows.append((row["voice"], *cells))
    return table(head, rows)
