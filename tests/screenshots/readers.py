"""Who the pictures are taken for: one person for each language, and what that person asks and writes."""

from dataclasses import dataclass
from typing import Any

from agent.turn import Language

CHANNEL = "C0SALES"
ITEMS_BY_DAY = (
    "SELECT DATE(created_at) AS day, COUNT(*) AS items FROM shop.order_items "
    "WHERE created_at >= TIMESTAMP '2025-12-01' AND created_at < TIMESTAMP '2026-01-01' GROUP BY day ORDER BY day"
)
EVERY_ORDER = (
    "SELECT * FROM shop.orders WHERE created_at >= TIMESTAMP '2025-01-01' AND created_at < TIMESTAMP '2026-01-01' "
    "ORDER BY created_at"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person of the local workspace. The sentences are questions that the demonstration's script or RULES know."""

    language: Language
    user: str
    revenue: str
    orders: str
    items_by_day: str
    every_order: str

    @property
    def direct(self) -> str:
        """The direct message with the bot."""
        return f"D0{self.user.removeprefix('U0')}"


READERS = (
    Reader(
        "en",
        "U0ANA",
        revenue="What was our revenue by month in 2025, excluding cancelled and returned items?",
        orders="How many orders were placed in 2025?",
        items_by_day="Items sold per day in December",
        every_order="List everything we sold last year",
    ),
    Reader(
        "ko",
        "U0MINSU",
        revenue="취소와 반품을 빼고 2025년 월별 매출은 얼마였나요?",
        orders="2025년에 주문이 몇 건 있었나요?",
        items_by_day="12월 일별 판매 수량",
        every_order="작년에 판매한 내역을 전부 보여 주세요",
    ),
    Reader(
        "ja",
        "U0AOI",
        revenue="キャンセルと返品を除いた2025年の月別売上は？",  # noqa: RUF001
        orders="2025年の注文は何件でしたか？",  # noqa: RUF001
        items_by_day="12月の日別販売数",
        every_order="昨年の販売をすべて見せてください",
    ),
)


def rules() -> list[dict[str, Any]]:
    """What the scripted model says to the questions that the demonstration's own script does not know."""
    plan = {"changes_data": False, "action": "sql_generate", "confidence": 0.97, "reason": "pictures"}
    found: list[dict[str, Any]] = []
    for reader in READERS:
        for question, sql in ((reader.items_by_day, ITEMS_BY_DAY), (reader.every_order, EVERY_ORDER)):
            asked = rf"<message>[\s\S]*{question}"
            found.append(
                {"schema_name": "plan_turn_action", "user_says": asked, "reply": {**plan, "clarifying_question": None}}
            )
            draft = {"title": question, "sql": sql}
            found.append({"schema_name": "sql_generate", "user_says": asked, "reply": draft})
    return found
