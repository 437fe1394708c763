"""The pack's voices: who teaches each, and under which licence.

All are styles of one teacher. Other voices that packages carry were left out for their licences: those of
mimic3 ask for share-alike, and Piper's joe (CC0 by its card) was tuned from a voice whose recordings are for
research only.
"""

from dataclasses import dataclass

TEACHER = "Kokoro-82M"


@dataclass(frozen=True)
class Voice:
    name: str
    description: str
    # Name of the teacher's style file; its first letter is the accent (American or British).
    style: str
    licence: str = "Apache-2.0"

    @property
    def teacher_name(self) -> str:
        return f"{TEACHER}, voice {self.style}"


# The order is the order of the voice tokens: append, never reorder.
VOICES = (
    Voice("heart", "Woman, American: warm and close.", "af_heart"),
    Voice("bella", "Woman, American: bright and lively.", "af_bella"),
    Voice("emma", "Woman, British: clear and measured.", "bf_emma"),
    Voice("michael", "Man, American: calm narrator.", "am_michael"),
    Voice("fenrir", "Man, American: deep and firm.", "am_fenrir"),
    Voice("george", "Man, British: mature and steady.", "bm_george"),
)
