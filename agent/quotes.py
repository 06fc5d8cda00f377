"""What stands in quotation marks: in a service's error it is a literal of the SQL or a value of a row."""

import re
from typing import Final

_QUOTED: Final = re.compile(r"""(?P<mark>['"`])(?:(?!(?P=mark))[^\n]){1,2000}(?P=mark)""")


def without_quotes(words: str) -> str:
    """*words* with every quoted part as an ellipsis."""
    return _QUOTED.sub(r"\g<mark>...\g<mark>", words)
