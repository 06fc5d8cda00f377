"""`make bench`: each benchmark prints ratios measured side by side in one run, and writes bench-NAME.json."""

import asyncio
import json
from pathlib import Path

from tests.benchmarks import gate, inbox, result_file

BENCHMARKS = {"gate": gate.measure, "inbox": inbox.measure, "result_file": result_file.measure}


async def main() -> None:
    for name, measure in BENCHMARKS.items():
        figures = await measure()
        Path(f"bench-{name}.json").write_text(json.dumps(figures, indent=2) + "\n")
        print(name)
        for figure, value in figures.items():
            print(f"  {figure:<54}{value}")


if __name__ == "__main__":
    asyncio.run(main())
