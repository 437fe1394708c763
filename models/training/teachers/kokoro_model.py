"""Kokoro-82M for whole batches: prosody of many texts at once, then sound for texts of equal length.

The modules are the `kokoro` package's own; what differs is the order of work. The vocoder's instance
norms look at a whole utterance, so padding would be heard. Texts are therefore batched with others
that last as long, and the last few frames' difference becomes silence at the end, which is cut off.
"""

import importlib.util
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .kokoro_weights import unpack

SAMPLE_RATE = 24_000
# Samples of one frame of the duration predictor; its pitch and energy have two values a frame.
FRAME = 600
# Samples by which the sound runs ahead of its frames: where the fricatives' noise and the vowels' loudness are
# best told apart by the frames' symbols.
AHEAD = 1320

ISTFTNET = {
    "resblock_kernel_sizes": [3, 7, 11],
    "upsample_rates": [10, 6],
    "upsample_initial_channel": 512,
    "resblock_dilation_sizes": [[1, 3, 5]] * 3,
    "upsample_kernel_sizes": [20, 12],
    "gen_istft_n_fft": 20,
    "gen_istft_hop_size": 5,
}
ALBERT = {
    "vocab_size": 178,
    "hidden_size": 768,
    "num_attention_heads": 12,
    "intermediate_size": 2048,
    "max_position_embeddings": 512,
    "num_hidden_layers": 12,
}


def package_modules(packages: Path) -> tuple[types.ModuleType, types.ModuleType]:
    """The `kokoro` package's `modules` and `istftnet`, from `packages` or wherever it is installed.

    The package's own __init__ is left out: it wants a text front end that is not needed here.
    """
    if "kokoro" not in sys.modules:
        sys.path.append(str(packages))
        found = importlib.util.find_spec("kokoro")
        if found is None:
            raise ModuleNotFoundError("No module named 'kokoro'", name="kokoro")
        bare = types.ModuleType("kokoro")
        bare.__path__ = list(found.submodule_search_locations)
        sys.modules["kokoro"] = bare
    return importlib.import_module("kokoro.modules"), importlib.import_module("kokoro.istftnet")


@dataclass
class Prosody:
    """What the text says about a set of texts, before its timing is fixed.

    Rows of all texts follow each other: text i owns rows[i] = (first, behind the last).
    """

    rows: list[tuple[int, int]]
    # [rows, 640]: input of the pitch and energy predictor. [rows, 512]: input of the vocoder.
    shape: Tensor
    content: Tensor
    # [rows]: frames of each symbol, before rounding.
    durations: np.ndarray


def modulated_snake(x: Tensor, gamma: Tensor, beta: Tensor, alpha: Tensor) -> Tensor:
    """Adaptive instance norm and the Snake activation of x [B, C, T]; one pass to measure, one to write."""
    y = x.float()
    variance, mean = torch.var_mean(y, dim=2, correction=0, keepdim=True)
    y = (y - mean) * (torch.rsqrt(variance + 1e-5) * (1 + gamma)) + beta
    return (y + torch.sin(alpha * y).square() / alpha).to(x.dtype)


class Kokoro(nn.Module):
    def __init__(self, weights: Path, packages: Path):
        """Raises ModuleNotFoundError without the kokoro package, RuntimeError if weights do not fit."""
        super().__init__()
        modules, istftnet = package_modules(packages)
        from transformers import AlbertConfig

        self.bert = modules.CustomAlbert(AlbertConfig(**ALBERT))
        self.bert_encoder = nn.Linear(ALBERT["hidden_size"], 512)
        self.predictor = modules.ProsodyPredictor(style_dim=128, d_hid=512, nlayers=3, max_dur=50)
        self.text_encoder = modules.TextEncoder(channels=512, kernel_size=5, depth=3, n_symbols=178)
        self.decoder = istftnet.Decoder(dim_in=512, style_dim=128, dim_out=80, **ISTFTNET)
        for module in self.modules():
            if hasattr(module, "weight_g"):
                nn.utils.remove_weight_norm(module)
        state = {name: torch.from_numpy(array) for name, array in unpack(weights).items()}
        missing, unexpected = self.load_state_dict(state, strict=False)
        # The instance norms' own scale and shift are never trained, Albert's pooler never used.
        missing = [name for name in missing if ".norm" not in name and ".pooler" not in name]
        if missing or unexpected:
            raise RuntimeError(f"The weights do not fit Kokoro: missing {missing}, unexpected {unexpected}.")
        self.eval().requires_grad_(False)
        self.snake = modulated_snake
        self.vocoder_type = torch.float32

    def prepare(self, device: torch.device) -> "Kokoro":
        """Moves the model; on a GPU the vocoder computes in half precision with a fused activation."""
        self.to(device)
        if device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cudnn.allow_tf32 = True
            self.vocoder_type = torch.float16
            source = self.decoder.generator.m_source
            self.decoder.half()
            source.float()
            self.snake = torch.compile(modulated_snake, dynamic=True)
        return self

    @property
    def device(self) -> torch.device:
        return self.bert_encoder.weight.device

    @torch.inference_mode()
    def prosody(self, symbols: list[list[int]], styles: Tensor, batch: int = 128) -> Prosody:
        """Reads texts given as symbol ids (with the 0 at both ends), styles [texts, 256]."""
        order = sorted(range(len(symbols)), key=lambda i: len(symbols[i]))
        rows: list[tuple[int, int]] = [(0, 0)] * len(symbols)
        shapes, contents, durations = [], [], []
        first = 0
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            lengths = torch.tensor([len(symbols[i]) for i in chosen])
            longest = int(lengths[-1])
            ids = torch.zeros(len(chosen), longest, dtype=torch.long)
            for row, i in enumerate(chosen):
                ids[row, : len(symbols[i])] = torch.tensor(symbols[i])
            ids = ids.to(self.device)
            padding = torch.arange(longest)[None] >= lengths[:, None]
            mask = padding.to(self.device)
            style = styles[chosen, 128:].to(self.device)
            hidden = self.bert_encoder(self.bert(ids, attention_mask=(~mask).int()))
            shape = self.predictor.text_encoder(hidden.transpose(1, 2), style, lengths, mask)
            packed = nn.utils.rnn.pack_padded_sequence(shape, lengths, batch_first=True, enforce_sorted=False)
            timing, _ = nn.utils.rnn.pad_packed_sequence(self.predictor.lstm(packed)[0], batch_first=True)
            duration = torch.sigmoid(self.predictor.duration_proj(timing)).sum(-1)
            content = self.text_encoder(ids, lengths, mask).transpose(1, 2)
            inside = ~mask
            shapes.append(shape[inside])
            contents.append(content[inside])
            durations.append(duration[inside].float())
            for i in chosen:
                rows[i] = (first, first + len(symbols[i]))
                first += len(symbols[i])
        return Prosody(rows, torch.cat(shapes), torch.cat(contents), torch.cat(durations).cpu().numpy())

    @torch.inference_mode()
    def pitch_and_energy(self, prosody: Prosody, frame_rows: Tensor, styles: Tensor) -> tuple[Tensor, Tensor]:
        """Both [B, 2 × frames] for texts whose frames show the rows frame_rows [B, frames]; pitch in Hz."""
        shape = prosody.shape[frame_rows].transpose(1, 2)
        return self.predictor.F0Ntrain(shape, styles[:, 128:])

    @torch.inference_mode()
    def sound(
        self, prosody: Prosody, frame_rows: Tensor, pitch: Tensor, energy: Tensor, styles: Tensor
    ) -> Tensor:
        """Sound [B, frames × FRAME], float32. Its noise comes from torch's global generator."""
        kind = self.vocoder_type
        content = prosody.content[frame_rows].transpose(1, 2).to(kind)
        style = styles[:, :128].to(kind)
        decoder = self.decoder
        curves = [decoder.F0_conv(pitch[:, None].to(kind)), decoder.N_conv(energy[:, None].to(kind))]
        x = decoder.encode(torch.cat([content, *curves], 1), style)
        residue = decoder.asr_res(content)
        for block in decoder.decode:
            x = block(torch.cat([x, residue, *curves], 1), style)
        return self.vocode(x, style, pitch)

    def vocode(self, x: Tensor, style: Tensor, pitch: Tensor) -> Tensor:
        generator = self.decoder.generator
        source = generator.m_source(generator.f0_upsamp(pitch[:, None].float()).transpose(1, 2))[0]
        harmonics = torch.cat(generator.stft.transform(source.squeeze(2)), 1).to(x.dtype)
        last = generator.num_upsamples - 1
        for level, upsample in enumerate(generator.ups):
            x = upsample(F.leaky_relu(x, 0.1))
            if level == last:
                x = generator.reflection_pad(x)
            noise = generator.noise_convs[level](harmonics)
            x = x + self.residual(generator.noise_res[level], noise, style)
            blocks = generator.resblocks[level * generator.num_kernels : (level + 1) * generator.num_kernels]
            total = self.residual(blocks[0], x, style)
            for block in blocks[1:]:
                total += self.residual(block, x, style)
            x = total / generator.num_kernels
        x = generator.conv_post(F.leaky_relu(x)).float()
        bins = generator.post_n_fft // 2 + 1
        return generator.stft.inverse(torch.exp(x[:, :bins]), torch.sin(x[:, bins:])).squeeze(1)

    def residual(self, block: nn.Module, x: Tensor, style: Tensor) -> Tensor:
        for index in range(len(block.convs1)):
            y = x
            for norm, alpha, convolution in (
                (block.adain1[index], block.alpha1[index], block.convs1[index]),
                (block.adain2[index], block.alpha2[index], block.convs2[index]),
            ):
                gamma, beta = norm.fc(style).float()[:, :, None].chunk(2, 1)
                y = convolution(self.snake(y, gamma, beta, alpha.float()))
            x = x + y
        return x
