"""How many tokens a text is at most, give or take: no tokenizer is at hand for an endpoint that may be anything.

Byte-pair tokenizers take about four ASCII letters to a token, and one or two tokens for a Korean or Japanese character.
The estimate stays on the dear side of that: a budget kept by it is a budget kept.
"""

import math

_LETTERS_PER_TOKEN = 3.0
_SIGNS_PER_TOKEN = 1.25
"""Digits and punctuation: figures, JSON and SQL take more tokens than their length says."""
_TOKENS_PER_WIDE = 1.5
"""Hangul, kana, ideographs and accented letters."""
_TOKENS_PER_ASTRAL = 3.0
"""Emoji and rare ideographs, four bytes each."""


def estimate_tokens(text: str) -> int:
    letters = signs = wide = astral = 0
    for character in text:
        if character.isascii():
            if character.isalpha() or character == " ":
                letters += 1
            else:
                signs += 1
        elif character < "\U00010000":
            wide += 1
        else:
            astral += 1
    tokens = letters / _LETTERS_PER_TOKEN + signs / _SIGNS_PER_TOKEN
    return math.ceil(tokens + wide * _TOKENS_PER_WIDE + astral * _TOKENS_PER_ASTRAL)
