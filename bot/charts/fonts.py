"""The fonts of charts: files in packages that are never imported."""

from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

FONTS: Final = (
    ("koreanize_matplotlib", "fonts/NanumGothic.ttf"),
    ("koreanize_matplotlib", "fonts/NanumGothicBold.ttf"),
    ("matplotlib_fontja", "fonts/ipaexg.ttf"),
)
"""Latin and Hangul, then kana and kanji; what neither has is taken from matplotlib's own font."""


def font_files() -> Generator[Path]:
    """Those that are there. Blocking."""
    for package, file in FONTS:
        spec = find_spec(package)
        for folder in spec.submodule_search_locations or () if spec is not None else ():
            if (font := Path(folder) / file).is_file():
                yield font


def missing_fonts() -> list[str]:
    """Names of the files that are not there. Blocking."""
    there = {font.name for font in font_files()}
    return [name for _, file in FONTS if (name := Path(file).name) not in there]
