import pytest

from agent.evals.compare import equals_gold
from agent.evals.golden import Golden, load_golden

GOLD = [["Jeans", 10.5], ["Swim", 3]]


@pytest.mark.parametrize(
    "answer",
    [
        [["Jeans", 10.5], ["Swim", 3]],
        [["Swim", 3], ["Jeans", 10.5]],
        [[10.5, "Jeans"], [3, "Swim"]],
        [["Jeans", "10.50"], ["Swim", "3"]],
        [["Jeans", 10.5000000001], ["Swim", 3.0]],
        [["Jeans", 7, 10.5], ["Swim", 8, 3]],
    ],
    ids=["same", "other_order", "columns_swapped", "numbers_as_text", "within_tolerance", "a_column_more"],
)
def test_what_says_the_same_is_right(answer: list[list[object]]):
    assert equals_gold(answer, GOLD)


@pytest.mark.parametrize(
    "answer",
    [
        [["Jeans", 10.5]],
        [["Jeans", 10.5], ["Swim", 3], ["Swim", 3]],
        [["Jeans", 10.6], ["Swim", 3]],
        [["Jeans", 3], ["Swim", 10.5]],
        [["Jeans"], ["Swim"]],
        [["jeans", 10.5], ["Swim", 3]],
        [["Jeans", None], ["Swim", 3]],
    ],
    ids=["row_missing", "row_twice", "other_number", "numbers_swapped", "column_missing", "other_case", "null"],
)
def test_what_says_something_else_is_wrong(answer: list[list[object]]):
    assert not equals_gold(answer, GOLD)


def test_order_counts_only_where_the_gold_says_so():
    assert not equals_gold([[2], [1]], [[1], [2]], ordered=True)
    assert equals_gold([[1], [2]], [[1], [2]], ordered=True)


def test_one_answer_column_does_not_stand_for_two_gold_columns():
    assert not equals_gold([[5, 6]], [[5, 5]])
    assert equals_gold([[5, 5]], [[5, 5]])


def test_a_boolean_is_not_a_number():
    assert not equals_gold([[True]], [[1]])


def test_midnight_is_its_date():
    assert equals_gold([["2025-01-01T00:00:00+00:00"]], [["2025-01-01"]])
    assert not equals_gold([["2025-01-01T00:00:01+00:00"]], [["2025-01-01"]])


def test_rows_with_last_digits_that_differ_are_still_paired_by_their_texts():
    gold = [[0.1 + 0.2, "b"], [0.3, "a"]]
    assert equals_gold([[0.3, "b"], [0.1 + 0.2, "a"]], gold)


def test_an_empty_gold_wants_an_empty_answer():
    assert equals_gold([], [])
    assert not equals_gold([[1]], [])
    assert not equals_gold([], [[1]])


def test_many_equal_columns_do_not_run_for_ever():
    wide = [[1] * 12]
    assert equals_gold(wide, [[1] * 11])
    assert not equals_gold([[1] * 40], [[1] * 11])


def test_nested_values_are_compared_by_value():
    assert equals_gold([[[1, "2"]]], [[["1", 2.0]]])
    assert not equals_gold([[[1, 3]]], [[[1, 2]]])


@pytest.mark.parametrize("golden", load_golden("demo"), ids=lambda golden: str(golden.id))
def test_every_gold_answer_equals_itself_and_not_a_neighbour(golden: Golden):
    assert equals_gold(golden.rows, golden.rows, ordered=golden.ordered)
    changed = [list(row) for row in golden.rows]
    changed[0][-1] = "something else"
    assert not equals_gold(changed, golden.rows, ordered=golden.ordered)
    assert not equals_gold(golden.rows[1:], golden.rows, ordered=golden.ordered)
