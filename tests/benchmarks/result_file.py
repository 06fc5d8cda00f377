"""A million rows to a file: what the process holds at its fullest, and for how long.

The warehouse is the genuine client against a server on loopback that writes BigQuery's own JSON; it is another process,
so that only ours is weighed.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROWS = 1_000_000
LIMIT_MB = 700


async def measure() -> dict[str, float | int | str]:
    """Each format in a process of its own: a peak never falls again."""
    figures: dict[str, float | int | str] = {"rows": ROWS, "limit MB": LIMIT_MB}
    for kind in ("csv", "xlsx"):
        weighed = await asyncio.to_thread(_weigh, kind)
        figures |= {f"{kind} {name}": value for name, value in weighed.items()}
        assert weighed["peak RSS MB"] < LIMIT_MB, f"{kind}: {weighed}"
    return figures


def _weigh(kind: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.result_file", kind], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


async def _write(kind: str, url: str, key: Path) -> dict[str, float]:
    from agent.bigquery.client import BigQueryWarehouse
    from agent.results import StoredResult
    from agent.turn import Bill, Table
    from bot.result_files.writing import written_file

    async def on_rows(rows: int, total: int) -> None: ...

    result = StoredResult(
        turn_id="t",
        conversation="c",
        sql="SELECT 1",
        fingerprint="f",
        table=Table((), (), ROWS),
        bill=Bill(),
        tables_read=(),
        job_id="job",
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    with tempfile.TemporaryDirectory() as folder:
        async with BigQueryWarehouse.open("p", "US", api_endpoint=url, credentials_path=key) as warehouse:
            before = _peak_mb()
            started = time.perf_counter()
            writing = written_file(
                result,
                warehouse,
                kind,  # type: ignore[arg-type]
                folder=Path(folder),
                most_bytes=1 << 30,
                on_rows=on_rows,
            )
            async with writing as written:
                assert written.rows == ROWS, written
                seconds = time.perf_counter() - started
                return {
                    "file MB": round(written.size / 1e6, 1),
                    "seconds": round(seconds, 1),
                    "RSS MB before": before,
                    "peak RSS MB": _peak_mb(),
                }


def _peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


async def _weighed(kind: str) -> None:
    from bot.local.bigquery.credentials import write_credentials

    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key.json"
        write_credentials(key)
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.endless_bigquery", str(ROWS), stdout=asyncio.subprocess.PIPE
        )
        try:
            assert server.stdout is not None
            url = (await server.stdout.readline()).decode().strip()
            print(json.dumps(await _write(kind, url, key)))
        finally:
            server.kill()
            await server.wait()


if __name__ == "__main__":
    os.environ.pop("HTTPS_PROXY", None)
    asyncio.run(_weighed(sys.argv[1]))
