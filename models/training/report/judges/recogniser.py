"""What a listener without eyes would write down: Whisper base, greedy, English, no timestamps."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import (
    GenerationConfig,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

from report.judges.whisper_weights import to_transformers, unpack

RATE = 16_000
START, ENGLISH, TRANSLATE, TRANSCRIBE, NO_TIMESTAMPS, END = 50258, 50259, 50358, 50359, 50363, 50257
# Written tokens of a take at most; a spoken sentence has about four a second.
MOST_TOKENS = 160
BATCH = {"cuda": 512, "cpu": 8}


class Recogniser:
    def __init__(self, packed: Path, device: torch.device):
        arrays = unpack(packed)
        vocabulary, width = arrays["decoder/embeddings/weight"].shape
        layers = sum(name.endswith("self_attention/linear_1/bias") for name in arrays) // 2
        config = WhisperConfig(
            vocab_size=vocabulary,
            d_model=width,
            encoder_layers=layers,
            decoder_layers=layers,
            encoder_attention_heads=width // 64,
            decoder_attention_heads=width // 64,
            encoder_ffn_dim=4 * width,
            decoder_ffn_dim=4 * width,
            bos_token_id=END,
            eos_token_id=END,
            pad_token_id=END,
            decoder_start_token_id=START,
        )
        with torch.device("meta"):
            model = WhisperForConditionalGeneration(config)
        model.load_state_dict(to_transformers(arrays), assign=True)
        model.tie_weights()
        self.device = device
        self.dtype = torch.float16 if device.type == "cuda" else torch.float32
        self.model = model.to(device, self.dtype).eval()
        self.model.generation_config = GenerationConfig(
            max_new_tokens=MOST_TOKENS,
            bos_token_id=END,
            eos_token_id=END,
            pad_token_id=END,
            decoder_start_token_id=START,
            is_multilingual=True,
            lang_to_id={"<|en|>": ENGLISH},
            task_to_id={"transcribe": TRANSCRIBE, "translate": TRANSLATE},
            no_timestamps_token_id=NO_TIMESTAMPS,
            suppress_tokens=arrays["suppressed"].tolist(),
            begin_suppress_tokens=arrays["suppressed_first"].tolist(),
        )
        self.features = WhisperFeatureExtractor()
        self.tokenizer = Tokenizer.from_buffer(arrays["tokenizer"].tobytes())

    def transcribe(self, sounds: Sequence[np.ndarray]) -> list[str]:
        """One text for each sound, float at 16 kHz; what lies beyond 30 s is not heard."""
        texts: list[str] = []
        batch = BATCH[self.device.type]
        for at in range(0, len(sounds), batch):
            texts += self._transcribe_batch(sounds[at : at + batch])
        return texts

    def _transcribe_batch(self, sounds: Sequence[np.ndarray]) -> list[str]:
        features = self.features(
            list(sounds), sampling_rate=RATE, return_tensors="pt", device=self.device.type
        ).input_features
        with torch.inference_mode():
            written = self.model.generate(
                features.to(self.device, self.dtype), language="en", task="transcribe"
            )
        return [text.strip() for text in self.tokenizer.decode_batch(written.tolist())]
