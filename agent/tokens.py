"""How many tokens a text is, on the dear side: no tokenizer is at hand for an endpoint that may be anything.

Byte-pair tokenizers take four or five letters of English to a token, a digit or a sign each, and about one token for a
Korean or Japanese character. A budget that is kept by this estimate is kept.
"""

import math

_LETTERS_PER_TOKEN = 3.0
_TOKENS_PER_WIDE = 1.5
"""Hangul, kana, ideographs and accented letters: up to three bytes each, rarely more than two tokens."""
_TOKENS_PER_ASTRAL = 3.0
"""Emoji and rare ideographs, four bytes each."""


def estimate_tokens(text: str) -> int:
    letters = signs = wide = astral = 0
    for character in text:
        if not character.isascii():
            if character < "\U00010000":
                wide += 1
            else:
                astral += 1
        elif character.isalpha() or character == " ":
            letters += 1
        else:
            signs += 1
    words = max(letters / _LETTERS_PER_TOKEN, len(text.split()) if letters > wide else 0)
    return math.ceil(words + signs + wide * _TOKENS_PER_WIDE + astral * _TOKENS_PER_ASTRAL)
