"""How far a graph of the pack lies from the model it was made from, on held-out speech."""

from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from lm.attention import dense_attention
from lm.corpus import Document
from lm.model import SpeechLM, head_size_of


class GraphDecoder:
    """A decoder graph on the CPU, its caches updated in place as the app does it."""

    def __init__(self, path: Path, model: SpeechLM, max_length: int, threads: int = 2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        config = model.config
        shape = (1, config.kv_heads, max_length, head_size_of(config))
        self.caches = {
            f"{kind}.{layer}": onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shape, np.float32))
            for layer in range(config.layers)
            for kind in ("key", "value")
        }
        self.length = 0

    def forward(self, tokens: np.ndarray) -> np.ndarray:
        """tokens [S] behind `length` → logits [S, VOCABULARY]; the length grows. Set it back to roll back."""
        count = len(tokens)
        binding = self.session.io_binding()
        binding.bind_cpu_input("input_ids", np.asarray(tokens, np.int64)[None])
        binding.bind_cpu_input("seqlens_k", np.array([self.length + count - 1], np.int32))
        binding.bind_cpu_input("total_sequence_length", np.array(self.length + count, np.int32))
        binding.bind_output("logits")
        for name, cache in self.caches.items():
            binding.bind_ortvalue_input(f"past_{name}", cache)
            binding.bind_ortvalue_output(f"present_{name}", cache)
        self.session.run_with_iobinding(binding)
        self.length += count
        return binding.get_outputs()[0].numpy()[0]


@torch.no_grad()
def model_logits(model: SpeechLM, tokens: np.ndarray) -> Tensor:
    """Logits [S, VOCABULARY] of one document."""
    row = torch.from_numpy(np.asarray(tokens, np.int64))[None]
    return model.logits(model(row, dense_attention(torch.zeros_like(row)))[0])


def graph_divergence(
    path: Path, model: SpeechLM, max_length: int, documents: list[Document]
) -> dict[str, float]:
    """Nats a frame that the graph loses, by cross-entropy, and its divergence from the full-precision model."""
    graph = GraphDecoder(path, model, max_length)
    loss, divergence, count = 0.0, 0.0, 0
    for prompt, codes in documents:
        tokens = np.concatenate([prompt, codes])
        graph.length = 0
        speaks = slice(len(prompt) - 1, len(tokens) - 1)
        ours = torch.log_softmax(torch.from_numpy(graph.forward(tokens)[speaks]), -1)
        full = torch.log_softmax(model_logits(model, tokens)[speaks], -1)
        places = torch.from_numpy(codes.astype(np.int64))[:, None]
        loss += (full.gather(1, places) - ours.gather(1, places)).sum().item()
        divergence += (full.exp() * (full - ours)).sum().item()
        count += len(codes)
    return {"loss": loss / count, "divergence": divergence / count}
