import hashlib

from agent.sql.fingerprint import fingerprint


def test_one_byte_is_another_statement() -> None:
    texts = [
        "SELECT 1",
        "select 1",
        "SELECT  1",
        "SELECT 1 ",
        "SELECT 1;",
        "SELECT '1'",
        "SELECT 1 --",
        "SELECT\u00a01",
    ]
    assert len({fingerprint(text) for text in texts}) == len(texts)
    assert fingerprint("SELECT 1") == fingerprint("SELECT 1")


def test_it_is_not_the_bare_hash_of_the_text() -> None:
    assert fingerprint("SELECT 1") != hashlib.sha256(b"SELECT 1").hexdigest()
    assert len(fingerprint("SELECT '\ud800'")) == 64
