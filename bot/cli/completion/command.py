"""`botctl completion bash|zsh|fish`: prints what the shell reads once."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot.cli.commands import botctl_parser
from bot.cli.completion.bash import bash_script
from bot.cli.completion.fish import fish_script
from bot.cli.completion.tree import Place, places_of
from bot.cli.completion.zsh import zsh_script

SCRIPTS: Final[Mapping[str, Callable[[Sequence[Place]], str]]] = {
    "bash": bash_script,
    "fish": fish_script,
    "zsh": zsh_script,
}


def completion(options: argparse.Namespace) -> int:
    print(SCRIPTS[options.shell](list(places_of(botctl_parser()))), end="")
    return 0
