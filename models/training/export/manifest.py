"""The pack's manifest, `pack.json`, as `main/packs/manifest.ts` reads it."""

import hashlib
import json
from pathlib import Path

import numpy as np

import layout
from codec.model import Codec
from lm.corpus import Corpus
from lm.model import BODY_BITS, EMBEDDING_BITS, HEAD_BITS, SpeechLM, head_size_of
from lm.quantise import BLOCK
from recipe import Recipe
from texts.sources import SOURCES
from voices import VOICES

ID, NAME = "timbrel-six", "Timbrel Six"
# Of the weights: that of the teacher most of their speech came from.
LICENCE = "Apache-2.0"
DICTIONARY = {"package": "cmu-pronouncing-dictionary", "version": "3.0.0"}
RULES = Path(__file__).parents[1] / "texts" / "rules.json"
DECODER_NAMES = {
    "inputIds": "input_ids",
    "seqlensK": "seqlens_k",
    "totalSequenceLength": "total_sequence_length",
    "pastKey": "past_key.{layer}",
    "pastValue": "past_value.{layer}",
    "logits": "logits",
    "hidden": "hidden",
    "presentKey": "present_key.{layer}",
    "presentValue": "present_value.{layer}",
}
NEIGHBOURS_FILE = "neighbours.bin"


def manifest(
    recipe: Recipe,
    models: dict[str, SpeechLM],
    codec: Codec,
    groups: dict,
    speaking_rate: tuple[float, float],
    measured: list[dict],
    folder: Path,
) -> dict:
    """The manifest of the files in a folder; the hash of the neighbours' rows is left to their builder.

    models: `target` and `draft`; groups: `groups.json`; speaking_rate: frames a symbol and a piece.
    """
    rules = json.loads(RULES.read_text(encoding="utf-8"))
    frames_per_symbol, frames_per_piece = speaking_rate
    return {
        "schema": 1,
        "id": ID,
        "name": NAME,
        "licence": LICENCE,
        "sources": [*teachers(), *({"name": s.name, "use": s.use, "licence": s.licence} for s in SOURCES)],
        "sampleRate": codec.sample_rate,
        "frameRate": recipe.frame_rate,
        "codebookSize": layout.CODEBOOK,
        "tokens": {
            "endOfSpeech": layout.END,
            "startOfSpeech": layout.START,
            "textBase": layout.TEXT_BASE,
            "vocabularySize": layout.VOCABULARY,
            "embeddingRows": layout.EMBEDDINGS,
        },
        "text": {
            "frontEnd": "cmudict-arpabet",
            "symbols": list(layout.SYMBOLS),
            "dictionary": DICTIONARY,
            "replacements": rules["replacements"],
            "silent": rules["silent"],
            "lineBreak": "sentence-before-capital",
            "hyphenated": "whole-then-parts",
            "unknownWords": "letters",
            "otherCharacters": "unspeakable",
            "framesPerSymbol": round(frames_per_symbol, 2),
            "framesPerPiece": round(frames_per_piece, 1),
        },
        "prompt": ["text", "voice", "startOfSpeech"],
        "voices": [
            {
                "name": voice.name,
                "token": layout.VOICE_BASE + index,
                "description": voice.description,
                "teacher": voice.teacher_name,
                "licence": voice.licence,
                "sample": f"voices/{voice.name}.wav",
            }
            for index, voice in enumerate(VOICES)
        ],
        "models": {
            **{name: decoder(name, model, recipe) for name, model in models.items()},
            "codecDecoder": {
                "file": "codec_decoder.onnx",
                "names": {"tokens": "tokens", "audio": "audio", "voice": "voice"},
                "contextFrames": {"before": codec.left_context, "after": codec.lookahead},
            },
        },
        "neighbours": {
            "file": NEIGHBOURS_FILE,
            "floor": groups["floor"],
            "defaultTheta": groups["theta"],
            "madeFrom": {
                "rows": groups["rows"],
                "precision": "int8, each row by its own scale",
                "width": groups["width"],
                "sha256": "0" * 64,
            },
        },
        "precision": (
            f"blocks of {BLOCK}: decoders {BODY_BITS} bit, their heads {HEAD_BITS} bit, embeddings "
            f"{EMBEDDING_BITS} bit; codec 8 bit; norms and biases float"
        ),
        "defaults": {
            "temperature": recipe.temperature,
            "lookahead": recipe.lookahead,
            "topP": recipe.top_p,
        },
        "measured": measured,
        "files": {
            file.relative_to(folder).as_posix(): entry(file)
            for file in sorted(folder.rglob("*"))
            if file.is_file() and file.name != "pack.json"
        },
    }


def decoder(name: str, model: SpeechLM, recipe: Recipe) -> dict:
    return {
        "file": f"{name}.onnx",
        "layers": model.config.layers,
        "kvHeads": model.config.kv_heads,
        "headDim": head_size_of(model.config),
        "maxLength": recipe.max_length,
        "trainedLength": recipe.trained_length,
        "names": DECODER_NAMES | ({"features": "features"} if model.config.features else {}),
    }


def teachers() -> list[dict]:
    """Each teacher once, with the voices it spoke."""
    spoken: dict[tuple[str, str], list[str]] = {}
    for voice in VOICES:
        teacher = voice.teacher_name.split(",")[0]
        spoken.setdefault((teacher, voice.licence), []).append(voice.name)
    return [
        {"name": teacher, "use": f"spoke the training sentences of {', '.join(names)}", "licence": licence}
        for (teacher, licence), names in spoken.items()
    ]


def speaking_rate(corpus: Corpus) -> tuple[float, float]:
    """Frames a symbol and frames a piece, the line through all sentences of a corpus."""
    documents = list(corpus.sentences(np.random.default_rng(0)))
    symbols = np.array([len(document.prompt) - 2 for document in documents])
    frames = np.array([len(document.codes) for document in documents])
    slope, piece = np.polyfit(symbols, frames, 1)
    return float(max(slope, 0.1)), float(max(piece, 0.0))


def entry(file: Path) -> dict:
    content = file.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
