"""The catalog as one turn sees it: no node can show a model, or the room, what is not theirs to read."""

from agent.bigquery.warehouse import TableInfo
from agent.context import Catalog, Runner
from agent.errors import NothingReadable
from agent.notice import Notice
from agent.policy.readable import readable
from agent.policy.rights import Rights
from agent.query_access import nothing_readable
from agent.query_values import QueryRequest
from agent.turn import Turn


class TurnCatalog:
    """`tables` is the room's part, for words that the room will read; `tables_of_asker` is for SQL on their behalf.

    Both raise NothingReadable where there are no rights at all, else what the catalog raises.
    """

    def __init__(self, catalog: Catalog, runner: Runner, turn: Turn) -> None:
        self._catalog = catalog
        self._runner = runner
        self._request = QueryRequest(turn.id, turn.conversation, turn.actor, turn.audience, turn.text)

    async def tables(self) -> tuple[TableInfo, ...]:
        return await self._tables((await self._runner.rights(self._request)).room)

    async def tables_of_asker(self) -> tuple[TableInfo, ...]:
        return await self._tables((await self._runner.rights(self._request)).asker)

    async def kept_from_room(self) -> frozenset[str]:
        """`dataset.table` of what the asker may read and the room may not."""
        rights = await self._runner.rights(self._request)
        if rights.is_one:
            return frozenset()
        tables = await self._catalog.tables()
        own, room = (readable(tables, rights.asker), readable(tables, rights.room))
        hidden = {table.name for table in own} - {table.name for table in room}
        return frozenset(name.split(".", 1)[-1].rstrip("*") for name in hidden)

    async def _tables(self, rights: Rights) -> tuple[TableInfo, ...]:
        why = nothing_readable(await self._runner.rights(self._request))
        if why is not None or rights.is_nothing:
            raise NothingReadable(why or Notice("deny.room_without_rights"))
        return readable(await self._catalog.tables(), rights)
