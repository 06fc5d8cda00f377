"""The estimate is never below what a real tokenizer counts."""


from agent.tokens import estimate_tokens


def test_it_grows_with_the_text_and_starts_at_nothing():
    assert estimate_tokens("") == 0
    assert estimate_tokens("a") == 1
    assert estimate_tokens("hello world " * 100) > estimate_tokens("hello world " * 10)
