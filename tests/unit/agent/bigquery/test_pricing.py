"""Bytes to dollars: by region, by contract, under capacity pricing."""

import pytest

from agent.bigquery.pricing import (
    CAPACITY,
    MEBIBYTE,
    ON_DEMAND_USD_PER_TIB,
    TEBIBYTE,
    UnknownPrice,
    billable_bytes,
    list_price,
)


@pytest.mark.parametrize(
    ("location", "usd"), [("US", 6.25), ("eu", 6.25), ("asia-northeast3", 7.5), ("EUROPE-WEST2", 7.8125)]
)
def test_a_tib_has_the_price_of_its_location_however_that_is_written(location: str, usd: float) -> None:
    assert list_price(location).cost_usd(TEBIBYTE) == usd


def test_a_location_that_nobody_priced_is_not_guessed() -> None:
    with pytest.raises(UnknownPrice, match="mars-north1"):
        list_price("mars-north1")


def test_every_location_is_spelled_so_that_it_is_found() -> None:
    assert all(location == location.lower() and price > 0 for location, price in ON_DEMAND_USD_PER_TIB.items())


def test_slots_are_paid_for_already() -> None:
    assert CAPACITY.cost_usd(TEBIBYTE) == 0


@pytest.mark.parametrize(
    ("processed", "tables", "billed"),
    [(0, 0, 0), (1, 0, 1), (1, 1, 10), (10 * MEBIBYTE + 1, 1, 11), (5 * MEBIBYTE, 3, 30), (MEBIBYTE, 0, 1)],
)
def test_bytes_are_rounded_up_and_have_a_minimum_for_each_table(processed: int, tables: int, billed: int) -> None:
    assert billable_bytes(processed, tables) == billed * MEBIBYTE
