"""The line in `systemctl status`."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.status_line import status_line
from bot.vitals import LastTurn, Queue, Vitals

WELL = Vitals(
    connected_since=datetime(2026, 11, 20, 9, 12, tzinfo=UTC),
    pong_age=1.0,
    database_is_up=True,
    engine="warm",
    queue=Queue(running=2, waiting=1, later=0, oldest_seconds=0.4),
    last_turn=LastTurn(datetime(2026, 11, 20, 9, 40, tzinfo=UTC), "answered"),
    degraded=(),
    is_draining=False,
    loop_lag=0.0,
)


def test_it_says_since_when_what_is_in_hand_and_how_the_last_turn_went() -> None:
    assert status_line(WELL) == (
        "Connected since 2026-11-20 09:12 UTC; 2 running, 1 waiting; last turn answered at 09:40 UTC"
    )


def test_it_says_what_is_not_well() -> None:
    ill = replace(
        WELL,
        connected_since=None,
        queue=None,
        engine="unavailable",
        last_turn=None,
        degraded=("database", "slack"),
    )
    assert status_line(ill) == (
        "Not connected to Slack; queue not known; SQL engine unavailable; degraded: database, slack"
    )


def test_a_drain_says_what_is_still_in_hand() -> None:
    draining = replace(WELL, is_draining=True, queue=Queue(running=1, waiting=0, later=3, oldest_seconds=0.0))
    assert status_line(draining) == (
        "Draining; 1 running, 0 waiting, 3 to be tried again; last turn answered at 09:40 UTC"
    )
