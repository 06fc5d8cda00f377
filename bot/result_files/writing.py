"""Writes a result into a file without a name: when its last user lets go of it, or dies, it is gone."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, TypeVar, cast

from agent.results import StoredResult
from bot.result_files.csv_sheet import CsvSheet
from bot.result_files.rows import Pages, pages_of
from bot.result_files.sheet import Format, Open, Sheet, Written
from bot.result_files.xlsx_sheet import ROWS_PREFIX, XlsxSheet

SHEETS: Final[Mapping[Format, Open]] = {"csv": CsvSheet, "xlsx": XlsxSheet}

LEFT_OVER_SECONDS: Final = 86_400.0
"""No file takes a day to write."""

OnRows = Callable[[int, int], Awaitable[None]]
"""Told how many rows are written, and of how many, after every page."""

T = TypeVar("T")


@asynccontextmanager
async def written_file(
    result: StoredResult, warehouse: Pages, kind: Format, *, folder: Path, most_bytes: int, on_rows: OnRows
) -> AsyncGenerator[Written]:
    """The whole of *result* as a file in *folder*, open at its start until the block ends.

    One page is in memory at a time: the next one is fetched when this one is on the disk. Rows beyond *most_bytes*
    are left out. Raises the WarehouseErrors of `Warehouse.pages`.
    """
    file = await _to_its_end(lambda: _nameless_file(folder))
    sheet: Sheet | None = None
    total_rows = 0
    try:
        async with aclosing(pages_of(result, warehouse)) as pages:
            async for page in pages:
                if sheet is None:
                    sheet = await _to_its_end(partial(SHEETS[kind], file, page.columns, most_bytes, folder))
                await _to_its_end(partial(sheet.write, page.rows))
                total_rows = page.total_rows
                await on_rows(sheet.rows, total_rows)
                if sheet.limit is not None:
                    break
        assert sheet is not None, "a result has at least one page"
        size = await _to_its_end(sheet.finish)
        file.seek(0)
        yield Written(file, size, sheet.rows, total_rows, sheet.limit, has_cut_cells=sheet.has_cut_cells)
    finally:
        await _to_its_end(partial(_let_go, file, sheet))


def _let_go(file: BinaryIO, sheet: Sheet | None) -> None:
    if sheet is not None:
        sheet.discard()
    file.close()


def _nameless_file(folder: Path) -> BinaryIO:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_left_over(folder)
    return cast(BinaryIO, tempfile.TemporaryFile(dir=folder))


def _remove_left_over(folder: Path) -> None:
    """What a workbook had beside it when its process was killed. Old only: others of ours may be writing there now."""
    oldest = datetime.now(UTC).timestamp() - LEFT_OVER_SECONDS
    for left in folder.glob(f"{ROWS_PREFIX}*"):
        with suppress(FileNotFoundError):  # another worker was here first
            if left.stat().st_mtime < oldest:
                shutil.rmtree(left, ignore_errors=True)


async def _to_its_end(call: Callable[[], T]) -> T:
    """*call* in a thread. Who is cancelled meanwhile waits for it: else the file would be closed under its hands."""
    running = asyncio.create_task(asyncio.to_thread(call), name="result-file")
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
