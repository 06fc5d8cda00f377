"""One turn, two readers: the room's answer says nothing of what the room may not see, the asker's own says it all."""

from collections.abc import Collection
from dataclasses import replace

from agent.backed_words import words_over
from agent.context import Runner
from agent.notice import Notice
from agent.state import Work
from agent.turn import Answer, Turn


def for_the_room(answer: Answer, work: Work, kept_from_room: Collection[str]) -> Answer:
    """*answer* without SQL, words or names of what the room may not see.

    *kept_from_room* are `dataset.table` of what only the asker may read: the net below what the door has withheld, for
    SQL that never came so far (it was wrong, or stopped).
    """
    outcome = work.get("outcome")
    if outcome is not None and outcome.get("is_withheld"):
        return _bare(answer, answer.notices)
    if not any(names_any(text, kept_from_room) for text in _texts(answer)):
        return answer
    said = tuple(notice for notice in answer.notices if not names_any(str(notice.params), kept_from_room))
    return _bare(answer, said or (Notice("access.ask_alone"),))


def _bare(answer: Answer, notices: tuple[Notice, ...]) -> Answer:
    return replace(
        answer,
        text=None,
        notices=notices,
        sql=None,
        table=None,
        tables_read=(),
        result_id=None,
        assumptions=(),
        next_questions=(),
        choices=(),
        twins=(),
    )


def _texts(answer: Answer) -> list[str]:
    words = [answer.text or "", answer.sql or "", *answer.tables_read, *answer.assumptions, *answer.next_questions]
    return words + [str(notice.params) for notice in answer.notices]


def names_any(text: str, tables: Collection[str]) -> bool:
    """Whether *text* speaks of one of *tables*, however it is quoted."""
    bare = text.replace("`", "").lower()
    return any(table.lower() in bare for table in tables)


async def with_fuller(answer: Answer, work: Work, turn: Turn, runner: Runner) -> Answer:
    """*answer* with the asker's own version, read from where it is kept: no checkpoint of a room's ever holds it."""
    outcome = work.get("outcome")
    fuller_id = outcome.get("fuller_id") if outcome is not None else None
    if not fuller_id:
        return answer
    stored = await runner.fuller(fuller_id, turn.actor.user)
    if stored is None:  # it has expired, or was asked for by somebody else than who approved it
        return answer
    masked = [Notice("access.columns_masked", {"columns": ", ".join(stored.masked_columns)})]
    words = words_over(work, turn, stored.sql or "", stored.table)
    own = replace(
        answer,
        text=words.text,
        notices=tuple(masked) if stored.masked_columns else (),
        sql=stored.sql,
        table=stored.table,
        tables_read=stored.tables_read,
        result_id=fuller_id,
        assumptions=words.assumptions,
        next_questions=(),
    )
    return replace(answer, fuller=own)
