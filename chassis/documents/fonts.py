"""The Chinese font that is embedded in PDFs: what the setting names, or the one that came as a package.

The package is pylopdf-fonts-zh-cn: Noto Serif SC and Noto Sans SC, under the SIL Open Font License 1.1, which allows
them to be embedded in any document.
"""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import typst

_PACKAGE = "pylopdf_fonts_zh_cn"
_SUFFIXES = frozenset({".otf", ".ttf", ".otc", ".ttc"})
_SERIF = ("serif", "song", "ming", "宋", "明")


@dataclass(frozen=True, slots=True)
class DocumentFont:
    """Families of fonts that were found: for running text serifs come first, for headings last."""

    text: tuple[str, ...]
    headings: tuple[str, ...]
    found: "typst.Fonts" = field(repr=False, compare=False)

    @classmethod
    def at(cls, place: Path) -> Self | None:
        """The families of a font file, or of all font files in a folder and below it; None where there are none."""
        if not place.exists() or (place.is_file() and place.suffix.lower() not in _SUFFIXES):
            return None
        import typst

        found = typst.Fonts(False, False, [str(place.parent if place.is_file() else place)])
        of_place = [font for font in found.fonts() if place.is_dir() or font.path == str(place)]
        families = sorted(dict.fromkeys(font.family for font in of_place), key=_serif_first)
        return cls(tuple(families), tuple(reversed(families)), found) if families else None


def document_font(setting: Path | None) -> DocumentFont | None:
    """What the setting names, and nothing else where it names something; otherwise the package's font, if installed."""
    if setting is not None:
        return DocumentFont.at(setting.absolute())
    package = importlib.util.find_spec(_PACKAGE)
    places = package.submodule_search_locations if package else None
    return DocumentFont.at(Path(places[0])) if places else None


def _serif_first(family: str) -> tuple[bool, str]:
    return not any(word in family.lower() for word in _SERIF), family
