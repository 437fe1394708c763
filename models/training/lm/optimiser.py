"""Muon for the matrices between embedding and head, AdamW for everything else, and their learning rate."""

import math

import torch
from torch import Tensor, nn

# Coefficients of the quintic iteration of Keller Jordan's Muon.
QUINTIC = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
MOMENTUM = 0.95
# Root mean square of an update of unit learning rate: AdamW's, so that one learning rate serves both.
UPDATE_SIZE = 0.2


def orthogonalised(matrices: Tensor) -> Tensor:
    """Brings all singular values of each matrix [n, rows, columns] near 1."""
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = QUINTIC
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Muon over groups of matrices of one shape, each group in one go.

    `torch.optim.Muon` takes one matrix at a time: with a hundred small ones its thousands of tiny kernels
    last a quarter of a training step. `parts`: how many matrices stand on top of one another in a parameter.
    """

    def __init__(self, groups: list[dict], learning_rate: float, weight_decay: float):
        super().__init__(groups, {"lr": learning_rate, "weight_decay": weight_decay, "parts": 1})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            parameters = group["params"]
            gradients = [parameter.grad for parameter in parameters]
            momenta = [self._momentum(parameter) for parameter in parameters]
            torch._foreach_lerp_(momenta, gradients, 1 - MOMENTUM)
            stacked = torch.stack(torch._foreach_lerp(gradients, momenta, MOMENTUM))
            count, rows, columns = stacked.shape
            update = orthogonalised(stacked.view(count * group["parts"], -1, columns))
            size = UPDATE_SIZE * math.sqrt(max(update.shape[1:]))
            torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
            updates = update.reshape(count, rows, columns).to(stacked.dtype).unbind()
            torch._foreach_add_(parameters, updates, alpha=-group["lr"] * size)

    def _momentum(self, parameter: nn.Parameter) -> Tensor:
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        return state["momentum"]


def optimisers_for(
    model: nn.Module, learning_rate: float, weight_decay: float
) -> list[torch.optim.Optimizer]:
    """The optimisers of a SpeechLM."""
    by_kind: dict[str, list[nn.Parameter]] = {}
    for layer in model.layers:
        for name, parameter in layer.named_parameters():
            if parameter.ndim == 2:
                by_kind.setdefault(name, []).append(parameter)
    inner = {id(parameter) for parameters in by_kind.values() for parameter in parameters}
    rest = [parameter for parameter in model.parameters() if id(parameter) not in inner]
    groups = [
        {"params": parameters, "parts": 2 if "gate_up" in name else 1} for name, parameters in by_kind.items()
    ]
    decayed = [
        {"params": [p for p in rest if p.ndim == 2], "weight_decay": weight_decay},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    fused = next(model.parameters()).is_cuda
    return [
        Muon(groups, learning_rate, weight_decay),
        torch.optim.AdamW(decayed, learning_rate, betas=(0.9, 0.95), fused=fused),
    ]


def schedule(step: int, progress: float, warmup: int) -> float:
    """Factor of the learning rate: up in a line over `warmup` steps, then down in a cosine to 0 at progress 1."""
    return min(1.0, (step + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
