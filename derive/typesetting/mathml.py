"""LaTeX rows as MathML, and the font that sets them the same in every browser.

Browsers lay out MathML themselves, so a page needs neither scripts nor pictures of formulas; the
glyphs come from a subset of STIX Two Math (SIL Open Font License) that travels inside the page.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from html import unescape
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import latex2mathml.converter

# What latex2mathml leaves to be wished for, in order.
_REPAIRS = (
    (r' xmlns="http://www.w3.org/1998/Math/MathML"', ""),
    # A word is an identifier: as an operator it would be spaced like one. So is infinity.
    (r"<mo>([A-Za-z]{2,}|&#x0221E;)</mo>", r"<mi>\1</mi>"),
    # Function application: log(x) closed up, Im z apart.
    (r"(<mi>[A-Za-z]{2,}</mi>)(<mo[^>]*>&#x00028;</mo>)", r"\1<mo>&#x2061;</mo>\2"),
    (r"(?<=</mi>)(?=<mi>[A-Za-z]{2,}</mi>)", '<mspace width="0.167em" />'),
    (r"(<mi>[A-Za-z]{2,}</mi>)(?=<mi>|<mn>)", r'\1<mspace width="0.167em" />'),
    # Bars of a modulus, which as infix operators would stand apart.
    (r'<mo stretchy="false">&#x0007C;</mo>', '<mo stretchy="false" lspace="0" rspace="0">|</mo>'),
    (r"<mo>(?:/|&#x0002F;)</mo>", '<mo lspace="0" rspace="0">/</mo>'),
    (r"<m[io]>(?:~|&#x0007E;|&#x0223C;)</m[io]>", '<mo lspace="0.278em" rspace="0.278em">∼</mo>'),
    (
        r"^(<math[^>]*><mrow>)<mo>(&#x0002B;|&#x02212;|&#x000B1;|&#x02213;)</mo>",
        r'\1<mo form="prefix">\2</mo>',
    ),
)
_TAG = re.compile(r"<[^>]*>")


@cache
def mathml(latex: str, *, block: bool = False, continued: bool = False) -> str:
    """One `<math>` element, with the source kept as its alternative text.

    Rows of a broken equation are converted one by one, so `latex` holds no alignment marks.
    continued: the row goes on from another, so a sign in front is binary and spaced like one.
    """
    # Sizes of nested brackets are for print; under an exponent browsers would enlarge only one of the two.
    source = re.sub(r"\\big[lr]", "", latex).replace(r"\arg", r"\operatorname{arg}")
    text = latex2mathml.converter.convert(source, display="block" if block else "inline")
    for pattern, replacement in _REPAIRS:
        text = re.sub(pattern, replacement, text)
    if continued:
        text = re.sub(r'^(<math[^>]*><mrow>)<mo(?: form="prefix")?>', r'\1<mo form="infix">', text)
    alternative = latex.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return text.replace("<math", f'<math alttext="{alternative}"', 1)


def characters(markup: str) -> frozenset[str]:
    """The characters that a piece of HTML shows."""
    return frozenset(unescape(_TAG.sub("", markup)))


@cache
def font(shown: frozenset[str]) -> str:
    """STIX Two Math reduced to the characters shown (and what their layout needs), as base64 of WOFF."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    whole = TTFont(_font_file(), recalcTimestamp=False)  # the same page for the same mathematics
    options = subset.Options(
        flavor="woff",
        layout_features=["ccmp", "dtls", "flac", "kern", "mark", "ssty"],
        hinting=False,
        desubroutinize=True,
    )
    options.notdef_outline = True
    options.drop_tables += ["DSIG", "FFTM"]
    italics = {_italic(c) for c in shown}
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(ord(c) for c in shown | italics | set("0123456789()[]{}|/,.+-=<>√∫∑")))
    cutter.subset(whole)
    _narrow_roots(whole)
    whole.flavor = "woff"
    out = BytesIO()
    whole.save(out, reorderTables=None)
    return base64.b64encode(out.getvalue()).decode("ascii")


def _narrow_roots(font: Any) -> None:
    """Give tall root signs the width of the small one.

    Chromium reserves the room of the widest for each, which leaves a gap behind a small root.
    """
    variants = font["MATH"].table.MathVariants
    roots = dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True))
    small = font.getBestCmap().get(ord("√"))
    if small not in roots:
        return
    tall = {record.VariantGlyph for record in roots[small].MathGlyphVariantRecord}
    if roots[small].GlyphAssembly:
        tall |= {part.glyph for part in roots[small].GlyphAssembly.PartRecords}
    widths, (room, _) = font["hmtx"], font["hmtx"][small]
    for name in sorted(tall):
        advance, side = widths[name]
        outline, part = font["glyf"][name], room / advance
        outline.coordinates.scale((part, 1))
        outline.coordinates.toInt()
        outline.recalcBounds(font["glyf"])
        widths[name] = (room, round(side * part))


def _font_file() -> Path:
    """Where the package ziamath keeps the font; the package itself is not imported."""
    found = find_spec("ziamath")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(
            "the page embeds STIX Two Math from ziamath; run pip install 'stieltjes[derive]'"
        )
    return Path(found.submodule_search_locations[0]) / "fonts" / "STIXTwoMath-Regular.ttf"


def _italic(character: str) -> str:
    """What a browser shows for a one-letter identifier: the mathematical italic letter."""
    code = ord(character)
    if character == "h":
        return "ℎ"
    if "A" <= character <= "Z":
        return chr(0x1D434 + code - ord("A"))
    if "a" <= character <= "z":
        return chr(0x1D44E + code - ord("a"))
    if "Α" <= character <= "Ω":
        return chr(0x1D6E2 + code - ord("Α"))
    if "α" <= character <= "ω":
        return chr(0x1D6FC + code - ord("α"))
    symbols = {"ϵ": 0x1D716, "ϕ": 0x1D719, "∂": 0x1D715, "ϑ": 0x1D717, "ϱ": 0x1D71A}
    return chr(symbols[character]) if character in symbols else character
