"""Conversations with a name, for `botctl simulate --case`: each ends in the turn that the name promises."""

_NEEDS_APPROVAL = """Run this:
```sql
WITH RECURSIVE days AS (
  SELECT DATE '2025-12-01' AS day UNION ALL SELECT DATE_ADD(day, INTERVAL 1 DAY) FROM days WHERE day < '2025-12-07')
SELECT day, COUNT(o.order_id) AS orders FROM days LEFT JOIN shop.orders AS o ON DATE(o.created_at) = day GROUP BY day
```"""
_BY_STATUS = """Run this:
```sql
SELECT status, COUNT(*) AS orders FROM shop.orders GROUP BY status ORDER BY orders DESC
```"""

CASES: dict[str, tuple[str, ...]] = {
    "greeting": ("hello",),
    "smalltalk": ("How are you today?",),
    "sql_gen": ("How many orders were placed in 2025?",),
    "sql_exec": (_BY_STATUS,),
    "chat_reply": ("What can you do?",),
    "schema_lookup": ("Which tables and columns are there about orders?",),
    "sql_validate_explain": ("Explain this and tell me what it would cost: SELECT COUNT(*) FROM shop.orders",),
    "sql_generate": ("What was our revenue by month in 2025, excluding cancelled and returned items?",),
    "sql_execute": (_BY_STATUS,),
    "execution_approve": (_NEEDS_APPROVAL, "Yes, run it."),
    "execution_cancel": (_NEEDS_APPROVAL, "No, cancel it."),
}
"""One person's messages, in order; the answer to the last is what `simulate` prints."""
