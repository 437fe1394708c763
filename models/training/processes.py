"""One piece of work in several processes, one a GPU. The first that fails ends them all.

TRAINING_PROCESSES sets how many; without a GPU too, where it is one otherwise.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

import torch
import torch.distributed as dist

from workspace import MissingInput

# Exit code of what SIGTERM stopped, as shells have it.
STOPPED = 143
# Seconds between looks at processes that say nothing, and that all may take to end after their results.
LOOK, PARTING = 0.5, 20.0


class ProcessFailed(Exception):
    """One of several processes ended too soon; the message says which, and how."""


def process_count() -> int:
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    wanted = int(os.environ.get("TRAINING_PROCESSES", gpus))
    return max(1, min(wanted, gpus) if gpus else wanted)


def own_device() -> torch.device:
    """The GPU of this process, by its number: threads that a process starts begin on the first GPU."""
    return (
        torch.device("cuda", torch.cuda.current_device())
        if torch.cuda.is_available()
        else torch.device("cpu")
    )


def in_processes(count: int, work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """work(rank, count, *arguments) in so many processes, each with a GPU of its own; results by rank.

    One is this process itself. Asked to stop, the first process decides when, and all end with 143. Raises
    MissingInput and ModuleNotFoundError as the work does, ProcessFailed where a process fails in another way or
    is killed.
    """
    if count == 1:
        return [work(0, 1, *arguments)]
    # Each would otherwise start a compiler process a core.
    os.environ.setdefault(
        "TORCHINDUCTOR_COMPILE_THREADS", str(max(1, min(16, (os.cpu_count() or 1) // count)))
    )
    context = multiprocessing.get_context("spawn")
    processes, pipes = [], []
    for rank in range(count):
        pipe, end = context.Pipe(duplex=False)
        processes.append(context.Process(target=_member, args=(rank, count, end, work, arguments)))
        pipes.append(pipe)
        processes[-1].start()
        end.close()
    asked: list[int] = []

    def stop(number: int, _: object) -> None:
        asked.append(number)
        processes[0].terminate()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        results = _results(processes, pipes)
    except ProcessFailed:
        if asked:
            raise SystemExit(STOPPED) from None
        raise
    finally:
        for process in processes:
            process.kill()
            process.join()
        for number, handler in before.items():
            signal.signal(number, handler)
    return results


def _results(processes: list, pipes: list[Connection]) -> list[Any]:
    results: dict[int, Any] = {}
    failures: dict[int, Failure] = {}
    until = float("inf")
    open_pipes = dict(zip(pipes, range(len(pipes)), strict=True))
    while len(results) < len(processes):
        for pipe in wait(list(open_pipes), LOOK):
            rank = open_pipes.pop(pipe)
            try:
                result = pipe.recv()
            except EOFError:
                continue
            if isinstance(result, Exception):
                raise result
            (failures if isinstance(result, Failure) else results)[rank] = result
        # A pipe's end may outlive its process in what that has forked: only its exit code tells.
        for rank, process in enumerate(processes):
            code, unread = process.exitcode, pipes[rank] in open_pipes and pipes[rank].poll()
            if code is None or unread or rank in results or rank in failures:
                continue
            # It could not say when it was killed: before the others missed it.
            failures[rank] = Failure(0.0 if code < 0 else time.monotonic(), code)
        if not failures:
            continue
        # The others fail of it, perhaps sooner seen.
        until = min(until, time.monotonic() + LOOK)
        if time.monotonic() >= until or len(failures) == len(processes):
            _fail(failures, len(processes))
    parted = time.monotonic() + PARTING
    for process in processes:
        process.join(max(0.0, parted - time.monotonic()))
    return [results[rank] for rank in range(len(processes))]


class Failure(NamedTuple):
    """How a process ended too soon."""

    # By the clock that all processes of a machine share.
    when: float
    code: int


def _fail(failures: dict[int, Failure], count: int) -> None:
    """Raises for the first failure, of which the others come."""
    if any(code == STOPPED for _, code in failures.values()):
        raise SystemExit(STOPPED)
    rank = min(failures, key=lambda rank: failures[rank].when)
    code = failures[rank].code
    how = f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"
    raise ProcessFailed(
        f"Process {rank + 1} of {count} {how}, so all were ended: run the stage again to go on from what it"
        " left."
    )


def _member(rank: int, count: int, end: Connection, work: Callable[..., Any], arguments: tuple) -> None:
    if rank:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    end_with_parent()
    if torch.cuda.is_available():
        torch.cuda.set_device(rank)
    else:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // count))
    try:
        result = work(rank, count, *arguments)
    except (MissingInput, ModuleNotFoundError) as missing:
        result = missing
    except SystemExit as stopped:
        # At once: nothing that is tidied up may keep the others waiting.
        sys.stdout.flush()
        os._exit(stopped.code)
    except Exception:
        when = time.monotonic()
        traceback.print_exc()
        end.send(Failure(when, 1))
        sys.stdout.flush()
        os._exit(1)
    sys.stdout.flush()
    end.send(result)
    if dist.is_initialized():
        dist.destroy_process_group()


def single_threaded() -> None:
    """For the processes of a pool, before it is made: each would otherwise start a thread a core for its
    matrices."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def end_with_parent() -> None:
    """Ends this process as soon as the one that started it has ended: those of a killed stage would wait for
    each other for ever, and hold their GPU's memory."""

    def watch() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
