"""An embedded Postgres in a process of its own: `embedded_probe.py <base> <shared> [hold]` says what it got, as JSON.

With `hold` it stays attached until it is killed or its standard input ends.
"""

import json
import os
import sys
from pathlib import Path

import psycopg

from bot.storage.embedded import EmbeddedPostgres
from bot.storage.postgres_account import PostgresUnavailable


def main() -> None:
    base, shared, *rest = sys.argv[1:]
    try:
        postgres = EmbeddedPostgres(Path(base), shared=Path(shared), settings={"fsync": "off"})
        uri = postgres.start()
    except PostgresUnavailable as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return
    with psycopg.connect(uri) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1)")
        connection.execute("CREATE TABLE IF NOT EXISTS visits (who text)")
        connection.execute("INSERT INTO visits VALUES (%s)", (str(os.getpid()),))
        row = connection.execute(
            "SELECT count(*), current_setting('listen_addresses'), pg_config.setting FROM visits, pg_config"
            " WHERE name = 'BINDIR' GROUP BY 3"
        ).fetchone()
    assert row is not None
    said = {"uri": uri, "base": str(postgres.base), "visits": row[0], "listen": row[1], "bin": row[2]}
    print(json.dumps(said), flush=True)
    if rest == ["hold"]:
        sys.stdin.read()
    print(json.dumps({"stopped": postgres.stop()}), flush=True)


if __name__ == "__main__":
    main()
