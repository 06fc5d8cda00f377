"""What Tab offers in zsh."""

from collections.abc import Sequence
from shlex import quote

from bot.cli.completion.cases import arms_after_options, commands_of
from bot.cli.completion.tree import Option, Place


def zsh_script(places: Sequence[Place]) -> str:
    return f"""\
#compdef botctl
# botctl's commands and options for zsh. In ~/.zshrc, below compinit: source <(botctl completion zsh)
_botctl() {{
  local at= i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case $at/$words[i] in
      {commands_of(places)}) at+=/$words[i] ;;
    esac
  done
  case $at:$words[CURRENT-1] in
{arms_after_options(places, _offer)}
  esac
  case $at in
{_words(places)}
  esac
  _describe botctl found
}}
if [[ $funcstack[1] == _botctl ]]; then
  _botctl "$@"
else
  compdef _botctl botctl
fi
"""


def _offer(option: Option) -> str:
    if option.choices:
        return f"compadd -- {' '.join(map(quote, option.choices))}"
    return "_files" if option.value == "file" else "_message value"


def _words(places: Sequence[Place]) -> str:
    lines: list[str] = []
    for place in places:
        told = list(place.commands) + [(word, "") for word in place.words]
        told += [(flag, option.help) for option in place.options for flag in option.flags]
        found = " ".join(quote(f"{_escaped(word)}:{text}" if text else _escaped(word)) for word, text in told)
        files = "[[ $words[CURRENT] == -* ]] || { _files; return }; " if place.takes_files else ""
        lines.append(f"    {quote(place.path)}) {files}found=({found}) ;;")
    return "\n".join(lines)


def _escaped(word: str) -> str:
    return word.replace(":", "\\:")
