"""Rows of what people did on the web site: sessions of the shop's own log, daily shards of the analytics export."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.local.bigquery.demo.dice import CLOSES, OPENED, Dice, iso
from bot.local.bigquery.demo.vocabulary import (
    BROWSERS,
    COUNTRIES,
    DEVICES,
    OPERATING_SYSTEMS,
    SESSION_SOURCES,
    SESSION_STEPS,
    WEB_EVENTS,
)
from bot.local.bigquery.schema import Row

SESSIONS = 3500
FIRST_SHARD = datetime(2025, 12, 1, tzinfo=UTC)
SHARDS = 10


def event_rows(dice: Dice, users: Sequence[Row]) -> list[Row]:
    """`shop.events`: each session walks the steps in order and leaves after one of them."""
    rows: list[Row] = []
    for _ in range(SESSIONS):
        user = dice.choice(users) if dice.random() < 0.6 else None
        started_at = dice.moment(OPENED, CLOSES)
        session_id = f"{dice.getrandbits(32):08x}-{dice.getrandbits(16):04x}"
        source = dice.pick(SESSION_SOURCES)
        steps = SESSION_STEPS[: dice.choices([1, 2, 3, 4, 5], [0.1, 0.2, 0.3, 0.2, 0.2])[0]]
        browser = dice.choice(BROWSERS)
        for number, step in enumerate(steps):
            rows.append(
                {
                    "id": len(rows) + 1,
                    "user_id": user["id"] if user else None,
                    "sequence_number": number + 1,
                    "session_id": session_id,
                    "created_at": iso(started_at + timedelta(minutes=number * dice.randint(1, 4))),
                    "ip_address": f"10.{dice.randint(0, 255)}.{dice.randint(0, 255)}.{dice.randint(1, 254)}",
                    "city": "Springfield",
                    "state": "Texas",
                    "postal_code": "00000",
                    "browser": browser,
                    "traffic_source": source,
                    "uri": f"/{step}",
                    "event_type": step,
                }
            )
    return rows


def shard_rows(dice: Dice) -> dict[str, list[Row]]:
    """`web.events_YYYYMMDD`, by the day's name."""
    days = [FIRST_SHARD + timedelta(days=number) for number in range(SHARDS)]
    return {day.strftime("%Y%m%d"): [_web_event(dice, day) for _ in range(dice.randint(60, 110))] for day in days}


def _web_event(dice: Dice, day: datetime) -> Row:
    at = day + timedelta(seconds=dice.randrange(86400))
    name = dice.choice(WEB_EVENTS)
    return {
        "event_date": day.strftime("%Y%m%d"),
        "event_timestamp": int(at.timestamp() * 1e6),
        "event_name": name,
        "user_pseudo_id": f"{dice.randint(1, 400)}.7",
        "event_params": [
            _param("page_location", text=f"https://shop.example/{name}"),
            _param("engagement_time_msec", number=dice.randint(1, 90000)),
        ],
        "device": {"category": dice.choice(DEVICES), "operating_system": dice.choice(OPERATING_SYSTEMS)},
        "geo": {"country": dice.pick(COUNTRIES)},
        "items": [] if name == "page_view" else [_web_item(dice)],
    }


def _param(key: str, text: str | None = None, number: int | None = None) -> Row:
    return {"key": key, "value": {"string_value": text, "int_value": number, "float_value": None}}


def _web_item(dice: Dice) -> Row:
    return {
        "item_id": str(dice.randint(1, 400)),
        "item_name": "x",
        "price": round(dice.uniform(5, 120), 2),
        "quantity": dice.randint(1, 3),
    }
