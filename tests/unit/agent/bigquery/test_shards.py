from agent.bigquery.shards import TableFamily, fold_shards


def test_daily_shards_are_one_family_described_by_the_newest() -> None:
    families = fold_shards(["orders", "events_20251202", "events_20251201", "events_intraday_20251203"])
    assert families == (
        TableFamily("events_*", "events_20251202", ("20251201", "20251202")),
        TableFamily("events_intraday_20251203", "events_intraday_20251203"),
        TableFamily("orders", "orders"),
    )


def test_a_number_that_is_no_day_is_part_of_the_name() -> None:
    names = ["x_20251301", "x_20250100", "x_99990101", "20250101", "20250102"]
    assert {family.name for family in fold_shards(names)} == set(names)
