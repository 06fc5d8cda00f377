"""Prompts live in agent/prompts/*.md, one file per model call: `# system` (constant), `# user` (the variable part).

What people, tables and errors say is data: it is fenced and bounded on its way into a prompt.
"""

import re
from dataclasses import dataclass
from importlib import resources
from string import Template

from agent.llm.model import Prompt

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt by name. Placeholders are `$name`; every one must be filled."""

    name: str
    system: Template
    user: Template
    max_tokens: int

    @classmethod
    def read(cls, name: str, *, max_tokens: int) -> "PromptFile":
        """Read the file. Called while modules load, never on the event loop."""
        text = (resources.files("agent") / "prompts" / f"{name}.md").read_text(encoding="utf-8")
        system, found, user = text.partition("\n# user\n")
        if not found or not system.startswith("# system\n"):
            raise ValueError(f"{name}.md lacks its # system or # user part")
        return cls(name, Template(system.removeprefix("# system\n").strip()), Template(user.strip()), max_tokens)

    def fill(self, *, system: dict[str, str] | None = None, **user: str) -> Prompt:
        return Prompt(
            self.name, self.system.substitute(system or {}), self.user.substitute(user), max_tokens=self.max_tokens
        )


def fenced(label: str, text: str, *, limit: int) -> str:
    """*text* as data between <label> tags: it cannot close them, hides no control characters, and is cut at *limit*."""
    clean = _CONTROL.sub(" ", text).strip()
    clean = re.sub(rf"<(\s*/?\s*{re.escape(label)})", r"&lt;\1", clean, flags=re.IGNORECASE)
    if len(clean) > limit:
        clean = clean[:limit] + " […]"
    return f"<{label}>\n{clean}\n</{label}>"
