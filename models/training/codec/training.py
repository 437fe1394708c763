"""One step of the codec's training, and all the state that a resumed training needs."""

import math
from collections.abc import Generator
from dataclasses import asdict
from functools import partial
from typing import NamedTuple

import torch
from torch import nn

from alignment import STEP
from codec.discriminators import Discriminators
from codec.losses import MelDistance, deception_loss, discrimination_loss, matching_loss
from codec.model import Codec
from codec.recorded import Losses, RecordedStep, whole_step
from codec.symbol_reader import SymbolReader, reading_loss
from recipe import Codec as CodecRecipe
from team import ALONE, Team, join, put_back

MEL_WEIGHT = 15.0
MATCHING_WEIGHT = 10.0
READING_WEIGHT = 3.0
LARGEST_GRADIENT = 1.0
LARGEST_JUDGES_GRADIENT = 10.0
WARMUP_STEPS = 200
# The result is an average of the weights over about 1,000 steps.
AVERAGE_DECAY = 0.999
GAIN_DECIBELS = (-6.0, 3.0)
NOISE_DECIBELS = (-85.0, -55.0)


class Slices(NamedTuple):
    # [batch, frames × hop]: what shall come out.
    clean: torch.Tensor
    # [batch, frames × hop + 2 × margin]: what the encoder hears, with noise and what lies around it.
    heard: torch.Tensor
    # uint8 [batch, frames]: the teacher's symbol in the middle of each frame.
    symbols: torch.Tensor
    # int64 [batch]: who speaks.
    voices: torch.Tensor


def disturb(
    audio: torch.Tensor,
    symbols: torch.Tensor,
    voices: torch.Tensor,
    codec: Codec,
    generator: torch.Generator,
) -> Slices:
    """Gives [batch, samples] another gain and faint noise, which the decoder shall not learn to make; the
    symbols are one for every alignment.STEP samples."""

    def decibels(low: float, high: float) -> torch.Tensor:
        level = torch.rand(len(audio), 1, generator=generator, device=audio.device)
        return 10 ** ((low + (high - low) * level) / 20)

    clean = (audio * decibels(*GAIN_DECIBELS)).clamp(-1, 1)
    noise = torch.randn(audio.shape, generator=generator, device=audio.device)
    heard = (clean + noise * decibels(*NOISE_DECIBELS)).clamp(-1, 1)
    margin, hop = codec.mel.margin, codec.recipe.hop
    inner = clean[:, margin : audio.shape[1] - margin]
    middles = torch.arange(margin + hop // 2, margin + inner.shape[1], hop, device=audio.device)
    return Slices(inner, heard, symbols[:, middles // STEP], voices)


class Trainer:
    """All processes of a team begin alike, and stay so, for each step is that of their mean gradients.

    With a `beginning` it goes on from that codec, whose tokens stay what they are: only its decoder learns, and
    that not before the new discriminators know something.
    """

    def __init__(
        self,
        recipe: CodecRecipe,
        sample_rate: int,
        device: torch.device,
        team: Team = ALONE,
        beginning: Codec | None = None,
    ):
        torch.manual_seed(recipe.seed)
        self.recipe, self.device, self.team = recipe, device, team
        # How long the training lasts, which a deadline may shorten.
        self.budget = recipe.seconds
        # Slices of this process, and how many of them the discriminators judge.
        self.batch = team.share(recipe.batch, recipe.team_batch)
        self.judged = -(-self.batch * recipe.adversarial_batch // recipe.batch)
        self.step_count, self.seconds = 0, 0.0
        self.goes_on = beginning is not None
        self.codec = Codec(recipe, sample_rate).to(device)
        if beginning:
            self.codec.load_state_dict(beginning.state_dict())
            self.codec.encoder.requires_grad_(False)
        self.discriminators = Discriminators().to(device, memory_format=torch.channels_last)
        self.reader = SymbolReader(len(recipe.levels)).to(device)
        self.averaged = [parameter.detach().clone() for parameter in self.codec.parameters()]
        self.distance = MelDistance(sample_rate).to(device)
        # What differs from step to step besides the slices, as tensors: a recorded step reads them.
        self._rate, self._judges_rate = torch.zeros(2, device=device)
        self._first_judged = torch.zeros((), dtype=torch.long, device=device)
        on_gpu = device.type == "cuda"
        settings = {
            "betas": (0.8, 0.99),
            "weight_decay": 0.01,
            "fused": on_gpu,
            "capturable": on_gpu,
        }
        # The reader learns with the codec, which it is no part of.
        self.learners = nn.ModuleList([self.codec.decoder] if beginning else [self.codec, self.reader])
        self.codec_optimiser = torch.optim.AdamW(self.learners.parameters(), self._rate, **settings)
        self.judge_optimiser = torch.optim.AdamW(
            self.discriminators.parameters(), self._judges_rate, **settings
        )
        self.fade = self.codec.synthesis.fade(recipe.frames * recipe.parts)
        # On a CPU, compiling costs more than so short a training.
        self._analyse_and_make = torch.compile(self.codec, dynamic=False, disable=not on_gpu)
        self._judge = torch.compile(self.discriminators, dynamic=False, disable=not on_gpu)
        self._steps = {
            adversarial: partial(whole_step, partial(self._learn, adversarial))
            for adversarial in (False, True)
        }
        # The step that the optimisers' warm-up is counted from.
        self._begun = 0

    @property
    def slice_samples(self) -> int:
        return self.recipe.frames * self.recipe.hop + 2 * self.codec.mel.margin

    @property
    def adversarial(self) -> bool:
        return self.goes_on or self._begins_over

    @property
    def _begins_over(self) -> bool:
        """Whether the first part is over, in which one of codec and discriminators learns alone."""
        return self.seconds >= self.recipe.adversarial_from * self.budget

    def step(self, slices: Slices, adversarial: bool) -> Losses:
        """Learns from a batch; the losses are scalars on the device, good until the next step."""
        self._rate.fill_(self._learning_rate())
        self._judges_rate.fill_(self._schedule() * self.recipe.discriminators_rate)
        self._first_judged.fill_(self._choose_judged())
        losses = self._steps[adversarial](slices, self.team.average)
        self.step_count += 1
        return losses

    def _learn(
        self,
        adversarial: bool,
        clean: torch.Tensor,
        heard: torch.Tensor,
        symbols: torch.Tensor,
        voices: torch.Tensor,
    ) -> Generator[torch.Tensor, None, Losses]:
        with self._autocast():
            real_part, imaginary_part, bounded = self._analyse_and_make(self.codec.mel(heard), voices)
            read = None if self.goes_on else self.reader(self.codec.quantiser.quantise(bounded))
        made = self.codec.synthesis(real_part, imaginary_part)
        wanted = clean * self.fade
        losses = {"mel": self.distance(made, wanted)}
        loss = MEL_WEIGHT * losses["mel"]
        if read is not None:
            losses["neglect"] = self.codec.quantiser.neglect(bounded)
            losses["reading"] = reading_loss(read, symbols)
            loss = loss + losses["neglect"] + READING_WEIGHT * losses["reading"]
        if adversarial:
            real, fake = self._judged_part(wanted), self._judged_part(made)
            losses["discriminators"] = yield from self._teach_judges(real, fake.detach())
            self.discriminators.requires_grad_(False)
            with self._autocast(), torch.no_grad():
                of_real = self._judge(self.discriminators.images(real))
            images = self.discriminators.images(fake)
            with self._autocast():
                of_made = self._judge(images)
            losses["deception"] = deception_loss(of_made)
            losses["matching"] = matching_loss(of_real, of_made)
            loss = loss + losses["deception"] + MATCHING_WEIGHT * losses["matching"]
        yield from self._update(self.learners, self.codec_optimiser, loss, LARGEST_GRADIENT)
        # Of the weights' numbers only: averages that gradients went back through would keep every step alive.
        parameters = [parameter.detach() for parameter in self.codec.parameters()]
        torch._foreach_lerp_(self.averaged, parameters, 1 - AVERAGE_DECAY)
        return {name: value.detach() for name, value in losses.items()}

    def warm_up(self) -> None:
        """Compiles and records what the steps run, on a GPU, and leaves everything as it was.

        Every process does so by itself: one that fails in it must not keep the others waiting.
        """
        before = _copied(self.state())
        noise = 0.1 * torch.randn(self.batch, self.slice_samples, device=self.device)
        silence = torch.zeros(len(noise), noise.shape[1] // STEP, dtype=torch.uint8, device=self.device)
        generator = torch.Generator(self.device).manual_seed(0)
        voices = torch.zeros(len(noise), dtype=torch.long, device=self.device)
        slices = disturb(noise, silence, voices, self.codec, generator)
        # Compilers and recordings fail in many ways, and each costs speed, not the training.
        try:
            self._steps[True](slices, lambda _: None)
        except Exception as error:
            print(f"codec: not compiled, for {type(error).__name__}: {error}", flush=True)
            self._analyse_and_make, self._judge = self.codec, self.discriminators
        try:
            self._steps = {
                adversarial: RecordedStep(partial(self._learn, adversarial), slices)
                for adversarial in (False, True)
            }
        except Exception as error:
            # The last of them only says that there was one before.
            while error.__context__:
                error = error.__context__
            print(f"codec: not recorded, for {type(error).__name__}: {error}", flush=True)
        self._rewind(before)

    def averaged_state(self) -> dict[str, torch.Tensor]:
        """The averaged weights, as the codec's state."""
        names = (name for name, _ in self.codec.named_parameters())
        return dict(zip(names, self.averaged, strict=True))

    def state(self) -> dict:
        return {
            "recipe": asdict(self.recipe),
            "goes_on": self.goes_on,
            "step": self.step_count,
            "seconds": self.seconds,
            "codec": self.codec.state_dict(),
            "reader": self.reader.state_dict(),
            "averaged": self.averaged,
            "discriminators": self.discriminators.state_dict(),
            "codec_optimiser": self.codec_optimiser.state_dict(),
            "judge_optimiser": self.judge_optimiser.state_dict(),
        }

    def load(self, state: dict) -> None:
        """Takes up a state; one without optimisers, as a model file and judges make it, has them begin anew."""
        self.step_count, self.seconds = state["step"], state["seconds"]
        for name in ("codec", "reader", "discriminators"):
            getattr(self, name).load_state_dict(state[name])
        for kept, stored in zip(self.averaged, state["averaged"], strict=True):
            kept.copy_(stored)
        if "codec_optimiser" not in state:
            self._begun = self.step_count
            return
        for name, rate in (("codec_optimiser", self._rate), ("judge_optimiser", self._judges_rate)):
            optimiser = getattr(self, name)
            optimiser.load_state_dict(state[name])
            for group in optimiser.param_groups:
                group["lr"] = rate

    def _rewind(self, before: dict) -> None:
        """Puts a state's numbers into the tensors that are there, for recorded steps know their places."""
        self.step_count = before["step"]
        for name in ("codec", "reader", "discriminators"):
            getattr(self, name).load_state_dict(before[name])
        for kept, stored in zip(self.averaged, before["averaged"], strict=True):
            kept.copy_(stored)
        for name in ("codec_optimiser", "judge_optimiser"):
            optimiser = getattr(self, name)
            parameters = (parameter for group in optimiser.param_groups for parameter in group["params"])
            for index, parameter in enumerate(parameters):
                stored = before[name]["state"].get(index, {})
                for key, value in optimiser.state[parameter].items():
                    value.copy_(stored[key]) if key in stored else value.zero_()

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda")

    def _schedule(self) -> float:
        """Factor of the learning rates."""
        done = min(1.0, self.seconds / self.budget)
        warm = min(1.0, (self.step_count - self._begun + 1) / WARMUP_STEPS)
        return warm * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))

    def _learning_rate(self) -> float:
        """What the codec learns by."""
        rate = self._schedule() * self.recipe.learning_rate
        if not self.goes_on:
            return rate
        return rate * self.recipe.going_on_rate if self._begins_over else 0.0

    def _choose_judged(self) -> int:
        """The first sample of a step's sound that the discriminators judge."""
        chance = torch.Generator().manual_seed(self.recipe.seed + self.step_count)
        places = self.recipe.frames - self._judged_frames + 1
        return int(torch.randint(places, (), generator=chance)) * self.recipe.hop

    @property
    def _judged_frames(self) -> int:
        return min(self.recipe.adversarial_frames, self.recipe.frames)

    def _judged_part(self, audio: torch.Tensor) -> torch.Tensor:
        """What of a step's sound the discriminators judge: many short pieces teach more than few long ones."""
        samples = torch.arange(self._judged_frames * self.recipe.hop, device=self.device)
        return audio[: self.judged].index_select(1, self._first_judged + samples)

    def _teach_judges(
        self, real: torch.Tensor, made: torch.Tensor
    ) -> Generator[torch.Tensor, None, torch.Tensor]:
        self.discriminators.requires_grad_(True)
        images = self.discriminators.images(torch.cat([real, made]))
        with self._autocast():
            judgements = self._judge(images)
        loss = discrimination_loss(judgements)
        yield from self._update(self.discriminators, self.judge_optimiser, loss, LARGEST_JUDGES_GRADIENT)
        return loss

    def _update(
        self,
        module: nn.Module,
        optimiser: torch.optim.Optimizer,
        loss: torch.Tensor,
        largest: float,
    ) -> Generator[torch.Tensor, None, None]:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if self.team.size > 1:
            gradients = [parameter.grad for parameter in module.parameters()]
            joined = join(gradients)
            yield joined
            put_back(joined, gradients)
        nn.utils.clip_grad_norm_(module.parameters(), largest)
        optimiser.step()


def _copied(value: object) -> object:
    """A deep copy: optimisers and modules hand out the tensors that they go on changing."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value
