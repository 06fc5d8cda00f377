"""BigQuery's price: pure arithmetic.

On demand, each TiB that is billed has the price of its region. Under capacity pricing (slots, editions) a query costs
nothing beyond what is paid already: its price is 0 dollars, and caps and budgets in bytes are what limits it.

Source: https://cloud.google.com/bigquery/pricing#on_demand_pricing (per TiB; data processed is rounded up to the
nearest MB, with a minimum of 10 MB for each table that the query references).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 1 << 20
TEBIBYTE: Final = 1 << 40
MINIMUM_BYTES_PER_TABLE: Final = 10 * MEBIBYTE

ON_DEMAND_USD_PER_TIB: Final[Mapping[str, float]] = {
    "us": 6.25,
    "eu": 6.25,
    "us-central1": 6.25,
    "us-east1": 6.25,
    "us-east4": 6.25,
    "us-west1": 6.25,
    "us-west2": 8.4375,
    "us-south1": 7.5,
    "northamerica-northeast1": 6.5625,
    "northamerica-south1": 6.8125,
    "southamerica-east1": 11.25,
    "southamerica-west1": 8.9375,
    "europe-central2": 8.125,
    "europe-north1": 7.5,
    "europe-west1": 7.5,
    "europe-west2": 7.8125,
    "europe-west3": 8.125,
    "europe-west4": 7.5,
    "europe-west6": 8.75,
    "europe-west10": 9.625,
    "europe-west12": 8.0625,
    "asia-east1": 7.1875,
    "asia-east2": 8.75,
    "asia-northeast1": 7.5,
    "asia-northeast2": 7.5,
    "asia-northeast3": 7.5,
    "asia-south1": 7.5,
    "asia-southeast1": 8.4375,
    "asia-southeast2": 7.5,
    "australia-southeast1": 8.125,
    "me-central1": 7.59375,
    "me-central2": 10.0,
    "me-west1": 7.5,
    "africa-south1": 7.5,
}
"""List prices by location, in lower case. Not every region: for the others, and for a contract's price, the operator
says it. A price that is guessed would be believed."""


class UnknownPrice(ValueError):
    """Nobody said what a TiB costs in this location."""


@dataclass(frozen=True, slots=True)
class OnDemandPrice:
    """US dollars for each TiB that is billed."""

    usd_per_tib: float = 6.25

    def cost_usd(self, bytes_billed: int) -> float:
        return bytes_billed / TEBIBYTE * self.usd_per_tib


CAPACITY: Final = OnDemandPrice(0.0)
"""The slots are paid for, whether a query uses them or not."""


def list_price(location: str) -> OnDemandPrice:
    """The on-demand price in *location*. Raises UnknownPrice."""
    try:
        return OnDemandPrice(ON_DEMAND_USD_PER_TIB[location.lower()])
    except KeyError:
        raise UnknownPrice(location) from None


def billable_bytes(bytes_processed: int, table_count: int) -> int:
    """The bytes BigQuery will bill for a query that processes *bytes_processed* over *table_count* tables."""
    rounded_up = -(-bytes_processed // MEBIBYTE) * MEBIBYTE
    return max(rounded_up, table_count * MINIMUM_BYTES_PER_TABLE)
