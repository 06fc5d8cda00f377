"""What Tab offers in fish."""

from collections.abc import Sequence

from bot.cli.completion.tree import Option, Place


def fish_script(places: Sequence[Place]) -> str:
    commands = " ".join(_quoted(place.path) for place in places if place.path)
    lines = [line for place in places for line in _lines(place)]
    return f"""\
# botctl's commands and options for fish: botctl completion fish > ~/.config/fish/completions/botctl.fish
function __botctl_at
    set -l at ''
    for word in (commandline -opc)[2..]
        contains -- $at/$word {commands}; and set at $at/$word
    end
    test "$at" = "$argv[1]"
end
complete -c botctl -e
complete -c botctl -f
{chr(10).join(lines)}
"""


def _lines(place: Place) -> list[str]:
    start = f"complete -c botctl -n {_quoted(f'__botctl_at {_quoted(place.path)}')}"
    lines = [f"{start} -a {name} -d {_quoted(help)}" for name, help in place.commands]
    lines += [f"{start} -a {_quoted(word)}" for word in place.words]
    lines += [f"{start} -F"] if place.takes_files else []
    return lines + [f"{start} {_option(option)}" for option in place.options]


def _option(option: Option) -> str:
    flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    words = [*flags, *([f"-d {_quoted(option.help)}"] if option.help else [])]
    if option.choices:
        words.append(f"-x -a {_quoted(' '.join(option.choices))}")
    elif option.value != "none":
        words.append("-r -F" if option.value == "file" else "-x")
    return " ".join(words)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
