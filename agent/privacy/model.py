"""A model that is shown no personal data: it stands between the agent and the real one, so no caller can forget it.

Hidden is what people say, and what follows from it (history, the previous SQL, errors, observations): the variable
part of a prompt. Its constant part is made of our own words and the tables, and stays byte-identical for the cache.
"""

import asyncio
from dataclasses import replace
from typing import Any, Final

from pydantic import BaseModel

from agent.llm.model import Meter, Model, Prompt, ShapeT
from agent.privacy.mask import Mask

SQL_FIELD: Final = "sql"
"""Every shape calls its GoogleSQL so: there a value is restored as the text of a literal."""


class MaskedModel:
    """A `Model` for one turn."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._mask = Mask()

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        # Off the loop: the numbering plans are read from disk at their first use, and long lists take a while.
        user = await asyncio.to_thread(self._mask.hide, prompt.user, beside=prompt.system)
        if names := self._mask.names_in(user):
            user = f"{user}\n\n{_note(names)}"
        return _restored(await self._model.ask(replace(prompt, user=user), shape, meter), self._mask)


def _note(names: list[str]) -> str:
    """An example as well, for small models drop placeholders; only where there is one, so other prompts stay short."""
    listed, first = ", ".join(names), names[0]
    kind = first.strip("<>").rpartition("_")[0].lower()
    return (
        f"({listed}: real values, hidden from you. Copy each as it is, brackets too;"
        f" in SQL between quotes, as in WHERE {kind} = '{first}'.)"
    )


def _restored(reply: ShapeT, mask: Mask) -> ShapeT:
    """*reply* with every text in it restored. Its bounds were the model's: a value may be longer than its name."""
    changes = {name: _field(name, getattr(reply, name), mask) for name in type(reply).model_fields}
    return reply.model_copy(update=changes)


def _field(name: str, value: Any, mask: Mask) -> Any:
    if type(value) is str:  # an enum's member is no text
        return mask.restore_sql(value) if name == SQL_FIELD else mask.restore(value)
    if isinstance(value, list):
        return [_field(name, item, mask) for item in value]
    if isinstance(value, BaseModel):
        return value.model_copy(
            update={inner: _field(inner, getattr(value, inner), mask) for inner in type(value).model_fields}
        )
    return value
