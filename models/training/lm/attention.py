"""Attention over packed rows: each position sees the earlier ones of its own document, and itself."""

import sys
import warnings

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention

from lm.model import Attention

# Flex attention may differ from a dense mask by so much in half precision, relative to the largest number:
# a position seen or missed wrongly makes a difference near 1.
MOST_DIVERGENCE = 0.1


def dense_attention(documents: Tensor) -> Attention:
    """Attention by a mask written out, for `documents` [B, T]: which document each position belongs to."""
    length = documents.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=documents.device).tril()
    mask = (causal & (documents[:, None, :] == documents[:, :, None]))[:, None]

    def attend(_: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        # Kernels that take a mask do not share heads.
        share = queries.shape[1] // keys.shape[1]
        # In full precision: in bfloat16 the masked kernels' gradients were wrong on an H200 (PyTorch 2.11).
        with torch.autocast(queries.device.type, enabled=False):
            mixed = F.scaled_dot_product_attention(
                queries.float(),
                keys.float().repeat_interleave(share, 1),
                values.float().repeat_interleave(share, 1),
                attn_mask=mask,
            )
        return mixed.to(queries.dtype)

    return attend


class PackedAttention:
    """Attention for batches of one shape [rows, length]: by blocks on a GPU, densely elsewhere.

    On a GPU blocks that no document reaches are skipped. Where that does not work, or does not agree with the
    dense mask, it says so on standard error and computes densely.
    """

    def __init__(
        self, rows: int, length: int, heads: int, kv_heads: int, head_size: int, device: torch.device
    ):
        self.shape = (rows, length)
        # The mask function reads this place, which each batch fills: one function, compiled once.
        self.documents = stored = torch.zeros(rows, length, dtype=torch.int32, device=device)

        def visible(row: Tensor, _: Tensor, query: Tensor, key: Tensor) -> Tensor:
            return (query >= key) & (stored[row, query] == stored[row, key])

        self.visible = visible
        self.by_blocks = device.type == "cuda"
        if self.by_blocks:
            self.compiled = torch.compile(flex_attention, dynamic=False)
            self.block_mask = torch.compile(create_block_mask, dynamic=False)
            self.by_blocks = self._agrees(heads, kv_heads, head_size)

    def of(self, documents: Tensor) -> Attention:
        """Attention for a batch; valid until the next batch's."""
        if not self.by_blocks:
            return dense_attention(documents)
        self.documents.copy_(documents)
        mask = self._mask(self.block_mask)
        return lambda _, queries, keys, values: self.compiled(
            queries, keys, values, block_mask=mask, enable_gqa=True
        )

    def _mask(self, create: object) -> BlockMask:
        rows, length = self.shape
        return create(self.visible, rows, None, length, length, device=self.documents.device)

    def _agrees(self, heads: int, kv_heads: int, head_size: int) -> bool:
        """Whether outputs and gradients are those of the dense mask, on a few rows of random documents."""
        rows, length = self.shape
        device = self.documents.device
        generator = torch.Generator(device).manual_seed(0)
        starts = torch.rand(rows, length, device=device, generator=generator) < 4 / length
        documents = starts.cumsum(1).int()

        def draw(count: int) -> Tensor:
            made = torch.randn(rows, count, length, head_size, device=device, generator=generator)
            return made.bfloat16().requires_grad_()

        tensors = draw(heads), draw(kv_heads), draw(kv_heads)
        try:
            results = [
                (output := attention(0, *tensors), *torch.autograd.grad(output.square().sum(), tensors))
                for attention in (self.of(documents), dense_attention(documents))
            ]
        except Exception as error:
            print(f"Attention by blocks does not work here ({error}): it is done densely.", file=sys.stderr)
            return False
        for ours, dense in zip(*results, strict=True):
            divergence = ((ours - dense).abs().max() / dense.abs().max()).item()
            if divergence > MOST_DIVERGENCE:
                warnings.warn(
                    f"Attention by blocks is {divergence:.3f} off: it is done densely.", stacklevel=2
                )
                return False
        return True
