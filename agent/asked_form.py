"""The form in which a message asks to see a result, where it names one. Pure.

This is reading, not guessing: what the turn does is the model's to say. A small model asked for the form finds bars in
"run it again" too, and a result would be shown that was to be read anew.
"""

import re
from collections.abc import Mapping
from typing import Final

from agent.turn import ShownAs

_CHART: Final = r"(?:chart|graph|plot|diagram)s?"
_AS: Final = r"\b(?:as|in|into|with)\s+(?:an?\s+|the\s+)?"
_FORMS: Final[Mapping[ShownAs, tuple[str, ...]]] = {
    "bar": (
        rf"{_AS}(?:bars|columns)\b|\b(?:bar|column)\s?{_CHART}",
        r"막대|바\s?(?:차트|그래프)",
        r"棒|バー(?:チャート|グラフ)",
    ),
    "line": (
        rf"{_AS}lines\b|\bline\s?{_CHART}",
        r"꺾은선|(?:선|라인)\s?(?:차트|그래프)",
        r"折れ線|(?:線|ライン)(?:グラフ|チャート)",
    ),
    "area": (rf"\barea\s?{_CHART}", r"(?:영역|면적)\s?(?:차트|그래프)", r"(?:面|エリア)(?:グラフ|チャート)"),
    "pie": (
        rf"{_AS}pies?\b|\b(?:pie|donut|doughnut)\s?{_CHART}",
        r"(?:원|원형|파이|도넛)\s?(?:차트|그래프)",
        r"(?:円|パイ|ドーナツ)(?:グラフ|チャート)",
    ),
    "table": (
        rf"{_AS}tables?\b",
        r"(?<![가-힣])(?:표|테이블)\s?(?:으로|로)(?![가-힣])",
        r"(?<!代)表(?:形式)?で|テーブルで",
    ),
}
"""In English, Korean and Japanese."""
_PATTERNS: Final[Mapping[ShownAs, re.Pattern[str]]] = {
    form: re.compile("|".join(words), re.IGNORECASE) for form, words in _FORMS.items()
}


def form_named_in(text: str) -> ShownAs | None:
    """The first of the forms that *text* names."""
    found: list[tuple[int, ShownAs]] = [
        (match.start(), form) for form, pattern in _PATTERNS.items() if (match := pattern.search(text))
    ]
    return min(found)[1] if found else None
