"""What people chose for themselves, in Postgres."""

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from agent.turn import Preferences
from bot.storage.database import Database
from bot.storage.tables import preferences

_PREFERENCES: TypeAdapter[Preferences] = TypeAdapter(Preferences)


class PostgresPreferences:
    """`bot.preferences.PreferenceStore`. Both methods raise StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, user: str) -> Preferences:
        wanted = select(preferences.c.language, preferences.c.time_zone, preferences.c.shown_as)
        async with self._database.transaction() as connection:
            row = (await connection.execute(wanted.where(preferences.c.user_id == user))).mappings().one_or_none()
        try:
            return Preferences() if row is None else _PREFERENCES.validate_python(dict(row))
        except ValidationError:  # a choice that another version offered
            return Preferences()

    async def keep(self, user: str, chosen: Preferences) -> None:
        values = {"language": chosen.language, "time_zone": chosen.time_zone, "shown_as": chosen.shown_as}
        values_now = {**values, "chosen_at": func.now()}
        kept = insert(preferences).values(user_id=user, **values_now)
        async with self._database.transaction() as connection:
            await connection.execute(kept.on_conflict_do_update(constraint="preferences_pkey", set_=values_now))
