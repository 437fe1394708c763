"""How far a graph of the pack lies from the model it was made from, on held-out speech."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lm.attention import dense_attention
from lm.corpus import Document
from lm.features import features_of
from lm.model import SpeechLM, head_size_of
from telemetry_free import onnxruntime


class GraphDecoder:
    """A decoder graph on the CPU, its caches updated in place as the app does it."""

    def __init__(self, path: Path, model: SpeechLM, max_length: int, threads: int = 2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.config = config = model.config
        shape = (1, config.kv_heads, max_length, head_size_of(config))
        self.caches = {
            f"{kind}.{layer}": onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shape, np.float32))
            for layer in range(config.layers)
            for kind in ("key", "value")
        }
        self.length = 0
        # Hidden states [S, width] of the latest pass.
        self.hidden = np.zeros((0, config.width), np.float32)

    def forward(self, tokens: np.ndarray, features: np.ndarray | None = None) -> np.ndarray:
        """tokens [S] behind `length` → logits [S, VOCABULARY]; the length grows. Set it back to roll back.

        features [S, width], for a model that reads them.
        """
        count = len(tokens)
        binding = self.session.io_binding()
        binding.bind_cpu_input("input_ids", np.asarray(tokens, np.int64)[None])
        binding.bind_cpu_input("seqlens_k", np.array([self.length + count - 1], np.int32))
        binding.bind_cpu_input("total_sequence_length", np.array(self.length + count, np.int32))
        if self.config.features:
            binding.bind_cpu_input("features", np.ascontiguousarray(features, np.float32)[None])
        binding.bind_output("logits")
        binding.bind_output("hidden")
        for name, cache in self.caches.items():
            binding.bind_ortvalue_input(f"past_{name}", cache)
            binding.bind_ortvalue_output(f"present_{name}", cache)
        self.session.run_with_iobinding(binding)
        self.length += count
        logits, hidden, *_ = binding.get_outputs()
        self.hidden = hidden.numpy()[0]
        return logits.numpy()[0]


@torch.no_grad()
def model_states(model: SpeechLM, tokens: np.ndarray, features: Tensor | None = None) -> Tensor:
    """Hidden states [S, width] of one document; features [S, width]."""
    row = torch.from_numpy(np.asarray(tokens, np.int64))[None]
    read = None if features is None else features[None]
    return model(row, dense_attention(torch.zeros_like(row)), features=read)[0]


@torch.no_grad()
def model_logits(model: SpeechLM, tokens: np.ndarray, features: Tensor | None = None) -> Tensor:
    """Logits [S, VOCABULARY] of one document; features [S, width]."""
    return model.logits(model_states(model, tokens, features))


def features_behind(target: SpeechLM, tokens: np.ndarray) -> Tensor:
    """What a draft reads of one document, [S, width]."""
    states = model_states(target, tokens)[None]
    return features_of(states, torch.zeros(states.shape[:2]))[0]


def graph_divergence(
    path: Path,
    model: SpeechLM,
    max_length: int,
    documents: list[Document],
    target: SpeechLM | None = None,
) -> dict[str, float]:
    """Nats a frame that the graph loses, by cross-entropy, and its divergence from the full-precision model.

    A draft reads the hidden states of a `target`.
    """
    graph = GraphDecoder(path, model, max_length)
    loss, divergence, count = 0.0, 0.0, 0
    for prompt, codes in documents:
        tokens = np.concatenate([prompt, codes])
        graph.length = 0
        speaks = slice(len(prompt) - 1, len(tokens) - 1)
        features = None if target is None else features_behind(target, tokens)
        given = graph.forward(tokens, None if features is None else features.numpy())
        ours = torch.log_softmax(torch.from_numpy(given)[speaks], -1)
        full = torch.log_softmax(model_logits(model, tokens, features)[speaks], -1)
        places = torch.from_numpy(codes.astype(np.int64))[:, None]
        loss += (full.gather(1, places) - ours.gather(1, places)).sum().item()
        divergence += (full.exp() * (full - ours)).sum().item()
        count += len(codes)
    return {"loss": loss / count, "divergence": divergence / count}
