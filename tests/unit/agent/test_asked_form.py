import pytest

from agent.asked_form import form_named_in


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("as bars", "bar"),
        ("Could you show me revenue per country as a bar chart?", "bar"),
        ("only Japan, as bars please", "bar"),
        ("as columns", "bar"),
        ("막대로", "bar"),
        ("국가별 매출을 막대 그래프로 보여줘", "bar"),
        ("棒グラフで", "bar"),
        ("as lines", "line"),
        ("a line graph of it", "line"),
        ("꺾은선 그래프로", "line"),
        ("折れ線で見せて", "line"),
        ("as an area chart", "area"),
        ("영역 차트로", "area"),
        ("エリアチャートで", "area"),
        ("as a pie", "pie"),
        ("원 그래프로 바꿔 줘", "pie"),
        ("円グラフにして", "pie"),
        ("put it in a table", "table"),
        ("표로 보여줘", "table"),
        ("表で", "table"),
    ],
)
def test_a_form_that_is_named_is_read(text: str, form: str):
    assert form_named_in(text) == form


@pytest.mark.parametrize(
    "text",
    [
        "run it again",
        "orders by product line",
        "sales of candy bars",
        "which area sells most?",
        "what columns does the orders table have?",
        "다시 실행해 줘",
        "목표 대비 매출로 보여줘",
        "상표별 주문 수",
        "국표로",
        "もう一度実行して",
        "代表で",
        "円での売上",
        "회원별 매출",
    ],
)
def test_words_that_only_sound_alike_name_none(text: str):
    assert form_named_in(text) is None


def test_of_several_the_first_counts():
    assert form_named_in("as a pie chart, not as bars") == "pie"
