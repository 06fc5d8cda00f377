"""`make bench`: each benchmark prints ratios measured side by side in one run, and writes bench-NAME.json.

`python -m tests.benchmarks spending` runs those that are named; that one takes minutes, and only runs when named.
"""

import asyncio
import json
import sys
from pathlib import Path

from tests.benchmarks import first_sign, gate, inbox, log_lines, result_file, spending, streams

BENCHMARKS = {
    "gate": gate.measure,
    "inbox": inbox.measure,
    "log_lines": log_lines.measure,
    "result_file": result_file.measure,
    "first_sign": first_sign.measure,
    "streams": streams.measure,
}

LONG = {"spending": spending.measure}


async def main() -> None:
    for name in sys.argv[1:] or BENCHMARKS:
        figures = await (BENCHMARKS | LONG)[name]()
        Path(f"bench-{name}.json").write_text(json.dumps(figures, indent=2) + "\n")
        print(name)
        for figure, value in figures.items():
            print(f"  {figure:<54}{value}")


if __name__ == "__main__":
    asyncio.run(main())
