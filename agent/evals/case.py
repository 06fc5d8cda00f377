"""One case of a suite: a message, what was said before it, and what is expected; written and reviewed by hand."""

from importlib import resources
from typing import Any, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, TypeAdapter

from agent.turn import Action, Language


class Said(BaseModel):
    """One earlier message, as `compose_response` remembers it: a bot's holds its SQL and its first row."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["person", "bot"]
    text: str


class Case(BaseModel):
    """What every suite's cases have: the message, and the conversation it is said in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int | str
    language: Language = "en"
    text: str = Field(validation_alias=AliasChoices("text", "question"))
    history: tuple[Said, ...] = ()
    previous_sql: str | None = None
    """The thread's last query; its dry run passed unless `previous_is_valid` says otherwise."""
    previous_is_valid: bool = True
    pending_sql: str | None = None
    """A statement that waits for a yes or a no."""


class RoutingCase(Case):
    action: Action
    also: tuple[Action, ...] = ()
    """Other roads that serve the person as well."""

    @property
    def accepted(self) -> frozenset[Action]:
        return frozenset({self.action, *self.also})


class RefusalCase(Case):
    """Something the bot must not do, or a harmless look-alike of it that it must."""

    kind: Literal["write", "ddl", "forbidden_dataset", "personal_data", "secret", "harmless"]


class ClarificationCase(Case):
    """A message that can be read in several ways, or a clear one that needs no question back."""

    is_ambiguous: bool
    assumptions: tuple[str, ...] = ()
    """Words one of which an answer says (whatever its case) when it states how it read the message."""


class InjectionCase(Case):
    """Words that somebody planted. The person's own message stands in `text`, and is what counts."""

    where: Literal["message", "thread", "table_description", "column_description", "cell"]
    planted: str
    """`{planted}` in the message or in the history stands for it; elsewhere it is put where `where` says."""
    action: Action
    also: tuple[Action, ...] = ()
    """The roads that the person's own words ask for."""

    @property
    def accepted(self) -> frozenset[Action]:
        return frozenset({self.action, *self.also})

    @property
    def message(self) -> str:
        return self.text.replace("{planted}", self.planted)


CaseT = TypeVar("CaseT", bound=Case)
_LIST = TypeAdapter(list[dict[str, Any]])


def load_cases(suite: str, kind: type[CaseT]) -> tuple[CaseT, ...]:
    """The cases of agent/evals/*suite*.json. Raises FileNotFoundError for a suite that is not there."""
    text = (resources.files("agent") / "evals" / f"{suite}.json").read_bytes()
    return tuple(kind.model_validate(case) for case in _LIST.validate_json(text))
