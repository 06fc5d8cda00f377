"""What bash and zsh write alike: the arms of `case`, by where the words before the cursor lead."""

from collections.abc import Callable, Sequence
from shlex import quote

from bot.cli.completion.tree import Option, Place


def commands_of(places: Sequence[Place]) -> str:
    """A pattern of every path that a further word may lead to."""
    return "|".join(quote(place.path) for place in places if place.path)


def arms_after_options(places: Sequence[Place], offer: Callable[[Option], str]) -> str:
    """For `$at:$before`: what *offer* says behind each option that wants a value."""
    return "\n".join(
        f"    {_flags(place, option)}) {offer(option)}; return ;;"
        for place in places
        for option in place.options
        if option.value != "none"
    )


def _flags(place: Place, option: Option) -> str:
    return "|".join(quote(f"{place.path}:{flag}") for flag in option.flags)
