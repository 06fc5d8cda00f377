"""One job with as many rows as asked for, in pages as BigQuery gives them. Prints its address, serves until killed."""

import asyncio
import sys

from aiohttp import web

FIELDS = [
    *(("id", "INTEGER"), ("at", "TIMESTAMP"), ("day", "DATE"), ("name", "STRING"), ("email", "STRING")),
    *(("price", "NUMERIC"), ("share", "FLOAT"), ("paid", "BOOLEAN"), ("country", "STRING"), ("note", "STRING")),
]


def row(number: int) -> dict[str, object]:
    values = [
        *(str(number), str(1735689600000000 + number), "2025-01-01", f"이름 {number}", f"person{number}@example.com"),
        *(f"{number}.250000001", repr(number / 7), "true", "KR", "a note of some length, with a comma in it" * 2),
    ]
    return {"f": [{"v": value} for value in values]}


async def serve(rows: int) -> None:
    async def page(request: web.Request) -> web.Response:
        first = int(request.query.get("pageToken", "0"))
        end = min(rows, first + int(request.query.get("maxResults", "10000")))
        body: dict[str, object] = {
            "jobComplete": True,
            "totalRows": str(rows),
            "schema": {"fields": [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in FIELDS]},
            "rows": [row(number) for number in range(first, end)],
        }
        if end < rows:
            body["pageToken"] = str(end)
        return web.json_response(body)

    app = web.Application()
    app.add_routes([web.get("/bigquery/v2/projects/{project}/queries/{job}", page)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
