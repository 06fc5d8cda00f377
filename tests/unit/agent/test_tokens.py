"""The estimate is not below what a tokenizer counts, and not far above it."""

import pytest

from agent.tokens import estimate_tokens

COUNTED = [
    (
        26,
        "How many orders did customers in South Korea place in the first quarter of 2025,"
        " by month and product category?",
    ),
    (
        71,
        "SELECT FORMAT_TIMESTAMP('%Y-%m', o.created_at) AS month, ROUND(SUM(oi.sale_price), 2) AS revenue FROM"
        " `demo-proj.shop.orders` AS o JOIN shop.order_items AS oi USING (order_id) WHERE EXTRACT(YEAR FROM"
        " o.created_at) = 2025 GROUP BY month ORDER BY month",
    ),
    (55, '{"n": 42, "revenue": 1234567.89, "name": "O\'Brien", "at": "2025-03-01T09:00:00Z"}'),
    (33, "지난해 우리나라 고객의 주문을 나라별, 월별로 보여 주시고 취소된 주문은 빼 주세요."),
    (29, "昨年の韓国のお客様の注文を、国別・月別に見せてください。キャンセルは除いてください。"),
    (49, "3.14159 2,718,281 -- 100% (a+b)*c != d/e; #!$%^&*() [x][y]{z} <tag>"),
    (24, "👋🏽 🇰🇷 🎉🎉 ✅ ok 👨‍👩‍👧‍👦"),
    (23, "Größe der Bestellungen in Zürich, déjà vu à l'été, Ünïcödé"),
    (5, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    (44, "order_id,created_at,status,num_of_item\n1,2025-01-01,Complete,3\n2,2025-01-02,Shipped,1"),
    (16, "的一是不了人我在有他这为之大来以个中上们"),
    (11, "    indented\n\n\n\t\ttabs   and   spaces"),
    (26, "a b c d e f g h i j k l m n o p q r s t u v w x y z"),
]
"""With the number of tokens that Qwen2.5's tokenizer made of each."""


@pytest.mark.parametrize(("counted", "text"), COUNTED)
def test_no_text_has_more_tokens_than_estimated_nor_three_times_fewer(counted: int, text: str):
    assert counted <= estimate_tokens(text) <= 3 * counted


def test_nothing_is_nothing():
    assert estimate_tokens("") == 0
