"""The pack's voices: who teaches each, and under which licence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Voice:
    name: str
    description: str
    # "kokoro" with the name of a style file, or "piper".
    teacher: str
    style: str = ""

    @property
    def licence(self) -> str:
        return {"kokoro": "Apache-2.0", "piper": "CC0-1.0"}[self.teacher]

    @property
    def teacher_name(self) -> str:
        return {"kokoro": f"Kokoro-82M, voice {self.style}", "piper": "Piper en_US-joe-medium"}[
            self.teacher
        ]


# The order is the order of the voice tokens: append, never reorder.
VOICES = (
    Voice("heart", "Woman, American: warm and close.", "kokoro", "af_heart"),
    Voice("bella", "Woman, American: bright and lively.", "kokoro", "af_bella"),
    Voice("emma", "Woman, British: clear and measured.", "kokoro", "bf_emma"),
    Voice("michael", "Man, American: calm narrator.", "kokoro", "am_michael"),
    Voice("fenrir", "Man, American: deep and firm.", "kokoro", "am_fenrir"),
    Voice("george", "Man, British: mature and steady.", "kokoro", "bm_george"),
    Voice("joe", "Man, American: plain-spoken, a little rough.", "piper"),
)
