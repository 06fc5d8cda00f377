"""The model's words beside a result, without a figure that the result, the question or the SQL does not say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from agent.backing import Backing
from agent.context import Context
from agent.figures import Figure, figures_in
from agent.history import cut
from agent.state import Work
from agent.turn import DecisionWord, Table, Turn

_LONGEST_OWN_WORDS: Final = 150
_LARGEST_COUNT: Final = 100
_YEARS: Final = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class BackedWords:
    text: str | None
    assumptions: tuple[str, ...] = ()
    next_questions: tuple[str, ...] = ()


def backed_words(work: Work, context: Context, table: Table | None) -> BackedWords:
    """The title or text, how the question was read, and what may be asked next.

    A title with a figure of its own is rebuilt from the question; where there is no result and none that somebody may
    still let run, nothing is described as done and nothing is suggested.
    """
    if table is None and work.get("decision") != DecisionWord.APPROVAL_REQUIRED:
        return BackedWords(work.get("text"))
    sql = work.get("candidate_sql") or work.get("shown_sql") or ""
    words = words_over(work, context.turn, sql, table, also=_dates(context.services.now().date()))
    return words if table else replace(words, next_questions=())


def words_over(work: Work, turn: Turn, sql: str, table: Table | None, *, also: Sequence[str] = ()) -> BackedWords:
    """The same over *table*, the result of *sql*, whoever is shown it; *also* are texts whose figures may be said."""
    backing = Backing((turn.text, sql, *also), table)
    text = work.get("text") or work.get("title") or ""
    # A button runs what was titled before: by its asker's own words, or by words that were checked then.
    is_titled = work.get("granted_id") or turn.preset is not None
    kept = text if is_titled else backing.keep(text)
    return BackedWords(
        kept or (_own_words(turn) if text else None),
        tuple(filter(backing.holds, work.get("assumptions", []))),
        tuple(question for question in work.get("next_questions", []) if _is_asked(question, backing)),
    )


def _dates(today: date) -> list[str]:
    """What "this month" and "last year" come to: their numbers stand in no SQL."""
    last_month = today.replace(day=1) - timedelta(days=1)
    return [today.isoformat(), last_month.strftime("%Y-%m"), str(today.year - 1)]


def _own_words(turn: Turn) -> str | None:
    """The question itself, in one line: what a result shows when the model cannot be quoted."""
    line = " ".join(turn.text.split())
    return cut(line, _LONGEST_OWN_WORDS) or None


def _is_asked(question: str, backing: Backing) -> bool:
    """A question may bring a year or a small count of its own ("the top 5"), but no figure as if it were known."""
    return backing.holds(question) or all(map(_is_harmless, figures_in(question)))


def _is_harmless(figure: Figure) -> bool:
    is_count = figure.value.is_integer() and (figure.value <= _LARGEST_COUNT or int(figure.value) in _YEARS)
    return figure.kind == "plain" and is_count
