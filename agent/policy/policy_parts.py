"""The keys of policy.yaml, as the file spells them: names unread, unknown keys refused."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _texts(value: Any) -> Any:
    """One entry stands for a list of one."""
    return value if isinstance(value, list) else [value]


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TagPart(_Part):
    columns: Texts = ()
    policy_tags: Texts = ()


class OpeningPart(_Part):
    table: str
    columns: Texts | None = None
    except_columns: Texts = ()


class GrantPart(_Part):
    to: Texts = Field(min_length=1)
    read: Annotated[tuple[str | OpeningPart, ...], BeforeValidator(_texts)] = ()
    except_: Texts = Field((), alias="except")
    places: Texts = Field((), alias="in")
    tags: Mapping[str, Literal["show", "mask", "refuse"]] = Field(default_factory=dict)
    views: Texts = ()
    routines: Texts = ()
    metadata: bool = False
    external: bool = False
    note: str = ""


class ExpectationPart(_Part):
    """One line of the file's own tests."""

    sql: str
    user: str = ""
    groups: Texts = ()
    channel: str | None = None
    """None: alone with the bot."""
    external: bool = False
    guest: bool = False
    expect: Literal["allow", "mask", "private", "approval", "deny"]


class PolicyPart(_Part):
    version: Literal[1]
    largest_channel: int = Field(100, gt=0)
    tags: Mapping[str, TagPart] = Field(default_factory=dict)
    grants: tuple[GrantPart, ...] = ()
    tests: tuple[ExpectationPart, ...] = ()
