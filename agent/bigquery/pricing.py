"""BigQuery's on-demand price: pure arithmetic.

Source: https://cloud.google.com/bigquery/pricing#on_demand_pricing (per TiB; data processed is rounded up to the
nearest MB, with a minimum of 10 MB for each table that the query references).
"""

from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 1 << 20
TEBIBYTE: Final = 1 << 40
MINIMUM_BYTES_PER_TABLE: Final = 10 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class OnDemandPrice:
    """US dollars for each TiB that is billed."""

    usd_per_tib: float = 6.25

    def cost_usd(self, bytes_billed: int) -> float:
        return bytes_billed / TEBIBYTE * self.usd_per_tib


def billable_bytes(bytes_processed: int, table_count: int) -> int:
    """The bytes BigQuery will bill for a query that processes *bytes_processed* over *table_count* tables."""
    rounded_up = -(-bytes_processed // MEBIBYTE) * MEBIBYTE
    return max(rounded_up, table_count * MINIMUM_BYTES_PER_TABLE)
