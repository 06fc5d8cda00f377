"""What Tab offers in bash."""

from collections.abc import Sequence
from shlex import quote

from bot.cli.completion.cases import arms_after_options, commands_of
from bot.cli.completion.tree import Option, Place


def bash_script(places: Sequence[Place]) -> str:
    return f"""\
# botctl's commands and options for bash. In ~/.bashrc: source <(botctl completion bash)
_botctl() {{
  local at= words= i cur=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  for ((i = 1; i < COMP_CWORD; i++)); do
    case $at/${{COMP_WORDS[i]}} in
      {commands_of(places)}) at+=/${{COMP_WORDS[i]}} ;;
    esac
  done
  # bash takes a colon for a word of its own: of dir:/etc the last word is completed
  [[ $before == : ]] && before=${{COMP_WORDS[COMP_CWORD - 3]}}
  [[ $cur == : ]] && before=${{COMP_WORDS[COMP_CWORD - 2]}} cur=
  case $at:$before in
{arms_after_options(places, _offer)}
  esac
  case $at in
{_words(places)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
_botctl_files() {{
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}}
complete -F _botctl botctl
"""


def _offer(option: Option) -> str:
    if option.choices:
        return f'COMPREPLY=($(compgen -W {quote(" ".join(option.choices))} -- "$cur"))'
    return "_botctl_files" if option.value == "file" else "COMPREPLY=()"


def _words(places: Sequence[Place]) -> str:
    lines: list[str] = []
    for place in places:
        words = [name for name, _ in place.commands] + list(place.words)
        words += [flag for option in place.options for flag in option.flags]
        files = "[[ $cur == -* ]] || { _botctl_files; return; }; " if place.takes_files else ""
        lines.append(f"    {quote(place.path)}) {files}words={quote(' '.join(words))} ;;")
    return "\n".join(lines)
