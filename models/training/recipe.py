"""Every choice of the recipe in one place: what is spoken, how large, how long, with which seeds.

`FULL` makes the shipped pack; `TINY` runs every stage in a minute on two CPU cores, to prove that
the code runs. Choose with `--recipe`.
"""

from dataclasses import dataclass, field, replace

from voices import VOICES


@dataclass(frozen=True)
class Texts:
    seed: int = 1
    # Some 170 hours read once: what is read again is soon known by heart.
    sentences: int = 150_000
    # Sentences never spoken for training: early stopping, and the report's own.
    validation: int = 400
    test: int = 300


@dataclass(frozen=True)
class Speech:
    seed: int = 7
    # One GPU speaks some 0.3 hours a second, and trains four times slower meanwhile.
    hours: float = 110.0
    sample_rate: int = 24_000
    # Sentences spoken in one breath of the teacher: the joins inside are natural.
    paragraph_symbols: int = 220
    # Spread of the teacher's delivery: a pack's decoder must learn speech, not a lookup table.
    tempo: tuple[float, float] = (0.88, 1.14)
    duration_jitter: float = 0.16
    pitch_jitter: float = 0.06
    style_jitter: float = 0.12


@dataclass(frozen=True)
class Codec:
    seed: int = 3
    # Samples of a frame, which one token stands for.
    hop: int = 480
    # Spectra of a frame: what the encoder hears and what the decoder makes is finer in time than a token.
    parts: int = 2
    # Samples of a window that the encoder hears, long enough for the pitch of a low voice, and of one that
    # the decoder makes.
    analysis_window: int = 1440
    window: int = 960
    mels: int = 80
    # The decoder is told which of them speaks.
    voices: int = len(VOICES)
    # Finite scalar quantisation: the product of the levels is the codebook size.
    levels: tuple[int, ...] = (4, 4, 4, 4, 4, 4)
    encoder_width: int = 384
    encoder_layers: int = 6
    # Blocks that see one vector a frame, and behind them those that see one a part.
    decoder_width: int = 448
    decoder_layers: int = 4
    fine_width: int = 384
    fine_layers: int = 5
    encoder_expansion: int = 2
    decoder_expansion: int = 3
    # Vectors that a convolution sees; the decoder's blocks see fewer, for they are the context that
    # every streamed chunk is decoded with.
    kernel: int = 7
    decoder_kernel: int = 5
    # Look-ahead of the decoder: frames of its first convolution, and parts of the overlapping windows.
    convolution_lookahead: int = 3
    window_lookahead: int = 2
    batch: int = 48
    # Slices of a step where several GPUs share it: twice as many leave each of four GPUs half of what one alone
    # has, so that a step is quicker and its gradient surer. Fewer would not keep a GPU busy.
    team_batch: int = 96
    frames: int = 64
    seconds: float = 850.0
    # In a short training four times the usual rate of such codecs goes much further (see report/tried.md).
    learning_rate: float = 2e-3
    discriminators_rate: float = 5e-4
    # Of the learning rate, what a codec that goes on from an adopted one learns by.
    going_on_rate: float = 0.25
    # The share of the training that the codec learns alone in; going on, the discriminators.
    adversarial_from: float = 0.1
    # Slices of a batch that the discriminators judge, and how many frames of each: their cost rules
    # the step's.
    adversarial_batch: int = 24
    adversarial_frames: int = 32
    # Times that the speech is turned into tokens, each at another offset, gain and noise.
    passes: int = 3


@dataclass(frozen=True)
class Decoder:
    layers: int
    width: int = 384
    heads: int = 6
    kv_heads: int = 2
    feed_forward: int = 1024
    dropout: float = 0.1
    # Whether each position also reads features: what the target made of the position before it.
    features: bool = False


@dataclass(frozen=True)
class Training:
    seed: int
    seconds: float
    learning_rate: float
    # Of it, what a model that goes on from an adopted one learns by.
    going_on_rate: float = field(default=0.5, kw_only=True)
    # Positions of a row; utterances are packed into rows and masked from each other.
    row: int = 1408
    rows: int = 48
    # Rows of a step where several GPUs share it: 16 for each of four. A third more than one alone has, for
    # below that a step is bound by the start of its kernels, and above it too few steps are left to learn in.
    team_rows: int = 64
    warmup: int = 300
    weight_decay: float = 0.05
    # The last share of the training sees its weights as the pack stores them.
    quantised_from: float = 0.65
    spelled_words: float = 0.12


@dataclass(frozen=True)
class Shares:
    """Parts of the time that `all --minutes` has, in seconds of a plan of 27.5 minutes on one GPU. The codec begins
    beside the speech, for its compiling needs no GPU, and has all of both that is left. Trainings, speech and
    samples are cut to theirs, start and compiling included; the others take what they need, and what one leaves
    goes to those behind it."""

    speech: float = 300
    codec: float = 420
    tokens: float = 35
    target: float = 560
    samples: float = 70
    draft: float = 125
    groups: float = 30
    speak: float = 45
    judge: float = 65


# The codec has had its time, and stays as it was adopted; drafts, which begin anew, have not, nor has the report.
GOING_ON = Shares(
    speech=250, codec=0, tokens=30, target=250, samples=95, draft=590, groups=30, speak=185, judge=210
)


@dataclass(frozen=True)
class Recipe:
    texts: Texts = Texts()
    speech: Speech = Speech()
    codec: Codec = Codec()
    # Deep and narrow: a GPU's time goes with operators, and a draft of one layer is then short beside it.
    # One head of keys and values: the runtime copies the caches at every pass.
    target: Decoder = Decoder(layers=28, kv_heads=1, feed_forward=768)
    target_training: Training = Training(seed=4, seconds=500, learning_rate=2e-3)
    # Drafts that are tried; `draft_training.seconds` are each one's.
    draft_layers: tuple[int, ...] = (1, 2, 3)
    # Smaller steps than the target's, and more of them: what the target says of a position is worth many tokens.
    draft_training: Training = Training(
        seed=6, seconds=60, learning_rate=2e-3, rows=24, team_rows=32, quantised_from=0.5
    )
    samples_seed: int = 5
    samples_hours: float = 60.0
    # No new sample is begun after so long.
    samples_seconds: float = 100.0
    # The pack's default sampling: drafts are measured and groups compared at it. The samples' temperature
    # reaches up to 1.
    temperature: float = 0.8
    top_p: float = 0.95
    lookahead: int = 4
    # Layers of the draft that the pack ships, and the seconds that it is taught for once all were tried.
    shipped_draft: int = 1
    shipped_draft_seconds: float = 400.0
    # The smallest groups with this acceptance rate become the default, or the largest whose mean size is not above
    # `largest_groups`: larger ones are hardly kept more often (see report/tried.md).
    wanted_acceptance: float = 0.8
    largest_groups: float = 100
    # Rows that tokens are compared by, and θ; None leaves the choice to the stage `groups`.
    group_rows: str | None = None
    # With groups of 81 tokens on average, the app's rounds keep four drafts in five.
    group_theta: float | None = 0.55
    # Positions that the graphs' caches hold, and that the training covered; prompt included.
    max_length: int = 1536
    trained_length: int = 1280
    frame_rate: int = 50
    shares: Shares = Shares()
    # Those of a training that goes on from an adopted pack.
    going_on_shares: Shares = GOING_ON


FULL = Recipe()
TINY = replace(
    FULL,
    texts=replace(FULL.texts, sentences=300, validation=8, test=8),
    speech=replace(FULL.speech, hours=0.04),
    codec=replace(
        FULL.codec,
        encoder_width=64,
        encoder_layers=1,
        decoder_width=64,
        decoder_layers=1,
        fine_width=32,
        fine_layers=1,
        batch=4,
        team_batch=4,
        adversarial_batch=1,
        adversarial_frames=12,
        frames=24,
        seconds=20,
    ),
    target=replace(FULL.target, layers=3, width=128, heads=2, kv_heads=1, feed_forward=256),
    target_training=replace(FULL.target_training, seconds=20, rows=2, team_rows=2, row=384, warmup=10),
    shipped_draft_seconds=8,
    draft_training=replace(FULL.draft_training, seconds=4, rows=2, team_rows=2, row=384, warmup=5),
    draft_layers=(1,),
    samples_hours=0.01,
    max_length=512,
    trained_length=384,
)
RECIPES = {"full": FULL, "tiny": TINY}
