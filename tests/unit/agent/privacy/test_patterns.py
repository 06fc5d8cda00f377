"""What is hidden from the model, and above all what is not: questions live from their numbers."""
# ruff: noqa: RUF001  (people do type full-width characters)

import pytest

from agent.privacy.patterns import find_personal_data

# In two pieces: nothing in this file is to look like a secret that leaked.
OPENAI_KEY = "sk-" + "proj-abcdEFGH1234567890abcdEFGH1234"
SLACK_TOKEN = "xoxb" + "-123456789012-abcdefGHIJ"
PRIVATE_KEY = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END " + "PRIVATE KEY-----"

FOUND = [
    ("Show orders of jane.doe+test@example.co.uk last month", "EMAIL", "jane.doe+test@example.co.uk"),
    ("Which plan does kim@회사.한국 have?", "EMAIL", "kim@회사.한국"),
    ("고객jane@x.com으로 보낸", "EMAIL", "jane@x.com"),
    ("WHERE email='a.b@c.io'", "EMAIL", "a.b@c.io"),
    ("email=a_b@c.com;", "EMAIL", "a_b@c.com"),
    ("o'brien@example.com", "EMAIL", "o'brien@example.com"),
    ("ｋｉｍ＠ｘ．ｃｏｍ の注文", "EMAIL", "ｋｉｍ＠ｘ．ｃｏｍ"),
    ("Look up the customer with phone 010-1234-5678", "PHONE", "010-1234-5678"),
    ("전화번호 01098765432 고객의 주문을 찾아줘", "PHONE", "01098765432"),
    ("고객 연락처는 +82 10-2345-6789 입니다", "PHONE", "+82 10-2345-6789"),
    ("02-312-3456으로 전화한 고객", "PHONE", "02-312-3456"),
    ("電話番号 090-1234-5678 のお客様の注文", "PHONE", "090-1234-5678"),
    ("０９０－１２３４－５６７８ のお客様", "PHONE", "０９０－１２３４－５６７８"),
    ("０９０ー１２３４ー５６７８", "PHONE", "０９０ー１２３４ー５６７８"),
    ("東京オフィス 03-3212-1234 に連絡", "PHONE", "03-3212-1234"),
    ("+81 80 1234 5678 の顧客を検索", "PHONE", "+81 80 1234 5678"),
    ("Call (415) 555-2671 about the refund", "PHONE", "(415) 555-2671"),
    ("415.555.2671 called", "PHONE", "415.555.2671"),
    ("their phone is 4155552671", "PHONE", "4155552671"),
    ("+14155552671", "PHONE", "+14155552671"),
    ("ring 020 7946 0958", "PHONE", "020 7946 0958"),
    ("Customer paid with 4111 1111 1111 1111 yesterday", "CARD", "4111 1111 1111 1111"),
    ("카드번호 5555-5555-5555-4444 결제 내역", "CARD", "5555-5555-5555-4444"),
    ("カード 378282246310005 の決済", "CARD", "378282246310005"),
    ("주민등록번호 900101-1234568 인 사용자", "KR_RRN", "900101-1234568"),
    ("주민번호는 9001011234568입니다", "KR_RRN", "9001011234568"),
    ("외국인등록번호 900101-5234567 조회", "KR_RRN", "900101-5234567"),
    ("주민번호 201015-3123456 확인", "KR_RRN", "201015-3123456"),
    ("사업자등록번호 220-81-62517 회사의 매출", "KR_BRN", "220-81-62517"),
    ("マイナンバー 1234 5678 9018 を確認", "JP_MY_NUMBER", "1234 5678 9018"),
    ("マイナンバー 123456789018 を確認", "JP_MY_NUMBER", "123456789018"),
    ("SSN 536-90-4399 should not be stored", "US_SSN", "536-90-4399"),
    ("IBAN DE89370400440532013000 refund", "IBAN", "DE89370400440532013000"),
    ("IBAN DE89 3704 0044 0532 0130 00 refund", "IBAN", "DE89 3704 0044 0532 0130 00"),
    ("Sessions from 203.0.113.42 last night", "IP", "203.0.113.42"),
    ("Sessions from 2001:db8::8a2e:370:7334 too", "IP", "2001:db8::8a2e:370:7334"),
    ("여권번호 M12345678 확인", "PASSPORT", "M12345678"),
    (f"API key {OPENAI_KEY} leaked", "SECRET", OPENAI_KEY),
    (f"token {SLACK_TOKEN}", "SECRET", SLACK_TOKEN),
    (f"look:\n{PRIVATE_KEY}\nend", "SECRET", PRIVATE_KEY),
    ("postgres://bob:hunter2@db.example.com/x", "SECRET", "bob:hunter2"),
    ("password: hunter22x", "SECRET", "hunter22x"),
    ("a long text that was cut in jane.doe@exa […]", "CUT", "jane.doe@exa"),
    ("a long text that was cut in 4111 1111 11 […]", "CUT", "4111 1111 11"),
]

CLEAN = [
    "How many orders between 2024-01-01 and 2024-03-31?",
    "between 01-15-2024 and 02-15-2024, or 2024/01/15 - 2024/02/15",
    "2024. 1. 15. 부터 2024. 3. 31. 까지",
    "2024-01-01 00:00:00 UTC to 2024-03-31T23:59:59Z",
    "Show order 1234567890 status",
    "order no. 1234-5678-9012 and order 2024-0001-1234",
    "주문 202401151234567 상태",
    "order #3000000000000004",
    "SELECT * FROM shop.orders WHERE order_id = 4111111111111111",
    "SELECT COUNT(*) FROM `my-project.shop.orders` WHERE user_id = 12345678",
    "SELECT 1 FROM `p.web.events_*` WHERE _TABLE_SUFFIX BETWEEN '20240101' AND '20240131'",
    "WHERE created_at >= TIMESTAMP '2025-01-01 10:20:30' AND total_amount > 1000000000000 LIMIT 1000 OFFSET 2000",
    "CAST(x AS INT64), ratio 1::float64",
    "Table analytics_302145678.events_20240115",
    "Revenue for product id 100200300400 in 2024",
    "user_id 20240115123456 had 3 sessions",
    "지난 7일간 매출 합계는 12345678원인가요?",
    "1,234,567.89 dollars, ratio 19.99 / 29.99, 50% of 30,000",
    "Average of 3.14159 and 2.71828 over 365 days",
    "2024年3月の売上を教えて",
    "orders 2020 2021 2022 2023 compared",
    "Top 10 customers by revenue in 2024 vs 2025",
    "app version 10.4.2.1 crashed, v1.2.3.4 did not, Python 3.11.4",
    "550e8400-e29b-41d4-a716-446655440000",
    "sha 3f2a9c1d0b9e8f7a6c5d4e3f2a1b0c9d8e7f6a5b",
    "job databolt_0123456789abcdef0123456789abcdef",
    "ts 1711225678901 or 1763620000.123456",
    "10:20:30:40",
    "ISBN 978-3-16-148410-0, GTIN 4006381333931",
    "@data_team can you help U012ABC3DE4 in C0123456789?",
    "Compare Korea and Japan sales in Q3",
    "Which Samsung or Sony products sold best in Seoul and Tokyo?",
    "The password policy is reviewed in 2025",
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND, ids=[value for _, _, value in FOUND])
def test_a_value_is_found_and_nothing_beside_it(text: str, kind: str, value: str):
    assert [(span.kind, text[span.start : span.end]) for span in find_personal_data(text)] == [(kind, value)]


@pytest.mark.parametrize("text", CLEAN)
def test_dates_amounts_ids_sql_and_versions_stay(text: str):
    assert find_personal_data(text) == []


def test_several_values_are_found_in_their_order():
    text = "jane@x.com,joe@y.org;bob@z.net. 010-1234-5678, 4111-1111-1111-1111"
    assert [span.kind for span in find_personal_data(text)] == ["EMAIL", "EMAIL", "EMAIL", "PHONE", "CARD"]


def test_a_number_does_not_go_over_the_end_of_a_line():
    text = "seen in 2024\n02-312-3456 called\n"
    assert [text[span.start : span.end] for span in find_personal_data(text)] == ["02-312-3456"]
