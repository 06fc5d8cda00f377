"""Which values a question names, and whether SQL uses them."""

from agent.privacy.named_values import unused_in, values_named_in


def test_a_value_is_named_once_and_a_secret_is_nothing_to_filter_by():
    text = "jane@x.com or 010-1234-5678 or jane@x.com; password: hunter22x"
    assert values_named_in(text) == ("jane@x.com", "010-1234-5678")


def test_a_value_is_used_in_whatever_case_or_spelling():
    values = ("Jane@X.com", "o'brien@x.com", "bob@x.com")
    sql = r"SELECT 1 FROM t WHERE a IN ('jane@x.com', 'o\'brien@x.com')"
    assert unused_in(sql, values) == ("bob@x.com",)
