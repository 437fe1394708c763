"""Processes that train as one: each learns from data of its own, and all take the step of the mean gradient.

The first one leads: it alone owns the clock, the checkpoints, the curves and the result, and tells the others
at every step what it decided. That goes by the CPUs, so that no step waits for a GPU.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor

from processes import in_processes, own_device, process_count
from recipe import Recipe
from workspace import Workspace

# A process that lets the others wait for longer has come to grief. Compiling takes a minute or two.
PATIENCE = timedelta(minutes=5)


class Team:
    def __init__(self, rank: int = 0, size: int = 1):
        self.rank, self.size = rank, size

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, alone: int, together: int) -> int:
        """This process's part of a batch that has `alone` members for one process, `together` for several."""
        return alone if self.size == 1 else -(-together // self.size)

    def decide(self, *numbers: float) -> tuple[float, ...]:
        """The leader's numbers, for every process."""
        if self.size == 1:
            return numbers
        told = torch.tensor(numbers, dtype=torch.float64)
        dist.broadcast(told, 0)
        return tuple(told.tolist())

    def average(self, joined: Tensor) -> None:
        """Puts the mean of all processes in place."""
        if self.size > 1:
            dist.all_reduce(joined)
            joined /= self.size

    def average_gradients(self, parameters: Iterable[Tensor], weight: Tensor) -> None:
        """Means over what all processes saw, of gradients that are each the mean over `weight` places."""
        if self.size == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        joined = join([*gradients, weight.float()])
        joined[:-1] *= weight
        dist.all_reduce(joined)
        put_back(joined[:-1] / joined[-1], gradients)

    def meet(self) -> None:
        """Returns once all have come, and may exchange gradients without delay."""
        if self.size > 1:
            dist.all_reduce(torch.zeros(1, device=own_device()))
            dist.all_reduce(torch.zeros(1))


ALONE = Team()


def join(tensors: list[Tensor]) -> Tensor:
    """All numbers behind one another, [n]."""
    return torch.cat([tensor.reshape(-1) for tensor in tensors])


def put_back(joined: Tensor, tensors: list[Tensor]) -> None:
    """Undoes `join`, into the tensors that are there."""
    parts = joined.split([tensor.numel() for tensor in tensors])
    torch._foreach_copy_(
        tensors, [part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]
    )


Train = Callable[[Recipe, Workspace, Team], None]


def train_together(train: Train, recipe: Recipe, workspace: Workspace) -> None:
    """Runs `train` on every GPU of the machine, or as often as TRAINING_PROCESSES says."""
    with tempfile.TemporaryDirectory() as folder:
        in_processes(process_count(), _take_part, Path(folder) / "meeting", train, recipe, workspace)


def _take_part(
    rank: int, size: int, meeting: Path, train: Train, recipe: Recipe, workspace: Workspace
) -> None:
    team = gathered(rank, size, meeting)
    train(recipe, workspace, team)
    # Those that have nothing left to do wait, or the leader would lose its connections.
    team.meet()


def gathered(rank: int, size: int, meeting: Path) -> Team:
    """The team, which meets through a file that is not there yet. It lasts as long as the process."""
    if size == 1:
        return ALONE
    if sys.platform == "linux":
        # All are on one machine, which may have no other network.
        for library in ("GLOO", "NCCL"):
            os.environ.setdefault(f"{library}_SOCKET_IFNAME", "lo")
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    dist.init_process_group(
        backend, init_method=f"file://{meeting}", rank=rank, world_size=size, timeout=PATIENCE
    )
    return Team(rank, size)
