"""Mathematics found in sentences.

Rules are written as plain text ("the lowest edge has w < 0, and Phi(0) = 1"), which any terminal
shows; documents want the formulas typeset. `marked` puts `$...$` around runs of symbols, numbers
and operators, as LaTeX, and leaves words alone. What already stands between `$` is kept.
"""

from __future__ import annotations

import re

from ..language.symbols import GREEK, symbol_latex

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>\d+(?:\.\d+)?(?![\w]))"
    r"|(?P<name>[A-Za-z]+(?:_(?:[-+]|\w+))?(?:'+(?![a-z]))?)"
    r"|(?P<dots>\.\.\.)|(?P<operator>\+-|-\+|<=|>=|!=|->|[-+*/^=<>~])|(?P<open>[(|\[])|(?P<close>[)|\]])|(?P<comma>,)|(?P<other>.)",
    re.DOTALL,
)
_WORDS = {
    "Im": r"\operatorname{Im}",
    "Re": r"\operatorname{Re}",
    "log": r"\log",
    "arg": r"\arg",
    "oo": r"\infty",
}
_OPERATORS = {
    "+-": r"\pm",
    "<=": r"\leq",
    ">=": r"\geq",
    "!=": r"\neq",
    "->": r"\to",
    "~": r"\sim",
    "*": " ",
    "-+": r"\mp",
}
_GREEK = GREEK | {"eps"}
_DIFFERENTIAL = re.compile("d([xyzwtuvgGHF]|" + "|".join(sorted(_GREEK)) + ")")

Token = tuple[str, str]

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_",
    "^": r"\^{}", "~": r"\~{}", "$": r"\$", "ö": r"\"o", "é": r"\'e", "–": "--", "—": "---", "“": "``",
    "”": "''", "’": "'",
}  # fmt: skip
_SIGNS = {
    "<": "<", ">": ">", "|": "|", "−": "-", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "√": r"\surd",
    "∞": r"\infty", "±": r"\pm", "·": r"\cdot", "→": r"\to", "×": r"\times", "∂": r"\partial", "∓": r"\mp",
    "²": "^2", "³": "^3", "α": r"\alpha",
    "ε": r"\epsilon", "φ": r"\phi", "σ": r"\sigma", "λ": r"\lambda", "π": r"\pi",
    "κ": r"\kappa", "θ": r"\theta", "Φ": r"\Phi", "δ": r"\delta", "∈": r"\in",
}  # fmt: skip


def marked(sentence: str) -> str:
    """The sentence with its formulas between `$`, as LaTeX."""
    parts = sentence.split("$")
    if len(parts) % 2 == 0:
        return sentence.replace("$", "")
    return "".join(f"${part}$" if i % 2 else _mark(part) for i, part in enumerate(parts))


def prose_latex(text: str) -> str:
    """A sentence as LaTeX: `$...$` stays mathematics, everything else is escaped."""
    parts = marked(text).split("$")
    return "".join(f"${part}$" if i % 2 else _escaped(part) for i, part in enumerate(parts))


def _escaped(text: str) -> str:
    signs = (rf"\ensuremath{{{_SIGNS[c]}}}" if c in _SIGNS else _SPECIAL.get(c, c) for c in text)
    return re.sub(r'"([^"]*)"', r"``\1''", "".join(signs))


def _mark(text: str) -> str:
    text = text.replace(") x (", ") × (").replace("**", "^")
    tokens = [(match.lastgroup or "other", match[0]) for match in _TOKEN.finditer(text)]
    found, i = [], 0
    while i < len(tokens):
        length = _run(tokens, i)
        if length:
            found.append("$" + _latex(tokens[i : i + length]) + "$")
            i += length
        else:
            found.append({"+-": "±", "-+": "∓"}.get(tokens[i][1], tokens[i][1]))
            i += 1
    return "".join(found)


def _run(tokens: list[Token], start: int) -> int:
    """How many tokens from `start` make a formula; 0 if none does."""
    depth, best, symbols, bar = 0, 0, 0, False
    for i in range(start, len(tokens)):
        kind, text = tokens[i]
        if text == "|":
            depth, bar = (depth - 1, False) if bar else (depth + 1, True)
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "name":
            if not _is_symbol(tokens, i):
                break
            symbols += 1
        elif kind == "other" or (kind == "comma" and not depth):
            break
        if depth < 0:
            break
        if depth == 0 and symbols and (kind in ("name", "number", "close", "dots") or text == "|"):
            best = i + 1 - start
    first, second = tokens[start][0], tokens[start + 1][1] if start + 1 < len(tokens) else ""
    apart = start == 0 or tokens[start - 1][0] in ("space", "open")
    signed = tokens[start][1] in ("+", "-", "+-", "-+") and apart and bool(re.match(r"[\w(]", second))
    return best if signed or first in ("name", "number", "open") else 0


def _is_symbol(tokens: list[Token], i: int) -> bool:
    """Whether a name is mathematics: a letter, a Greek name, anything with a subscript, a differential."""
    text = tokens[i][1]
    head = text.rstrip("'").partition("_")[0]
    if text.count("_") > 1:
        return False
    if i and tokens[i - 1][1] == "'":  # the s of a genitive
        return False
    if text == "sqrt" and i + 2 < len(tokens) and tokens[i + 1][1] == "(":
        names = (j for j in range(i + 2, i + 2 + len(_group(tokens, i + 1)[0])) if tokens[j][0] == "name")
        return all(_is_symbol(tokens, j) for j in names)
    if text in _WORDS:
        return True
    if text == "sum":
        return any("_" in token[1] for token in tokens[i + 1 : i + 3])
    if head in ("a", "A", "I", "N") and "_" not in text:
        # The article, unless something mathematical clings to it.
        clings = i + 1 < len(tokens) and tokens[i + 1][1] in ("^", "(", "_")
        return clings or head == "N" or (head == "A" and _within(tokens, i))
    if len(head) == 1 or head in _GREEK:
        return True
    return ("_" in text and len(head) <= 3) or _DIFFERENTIAL.fullmatch(text) is not None


def _within(tokens: list[Token], i: int) -> bool:
    """Whether the letter A stands where no article can: after of, if, free, +, or before a sign."""
    before = [token[1] for token in tokens[max(0, i - 2) : i] if token[0] != "space"]
    return bool(before) and before[-1] in ("of", "If", "if", "and", "+", "=", "(", "^", ")")


def _latex(run: list[Token]) -> str:
    text, i = "", 0
    while i < len(run):
        kind, piece = run[i]
        if piece == "sqrt":
            inside, i = _group(run, i + 1)
            text += rf"\sqrt{{{_latex(inside)}}}"
        elif kind == "name":
            text += _name(piece)
        elif piece == "^" and i + 1 < len(run) and run[i + 1][1] == "(":
            inside, i = _group(run, i + 1)
            text += f"^{{{_latex(inside)}}}"
        elif piece == "^" and i + 2 < len(run) and run[i + 1][1] == "-":
            text += f"^{{-{_latex(run[i + 2 : i + 3])}}}"
            i += 2
        elif piece == "^" and i + 1 < len(run):
            text += f"^{{{_latex(run[i + 1 : i + 2])}}}"
            i += 1
        elif kind == "operator":
            text += f"{_OPERATORS[piece]} " if piece in _OPERATORS else piece
        elif kind == "dots":
            text += r"\dots "
        else:
            text += piece
        i += 1
    return re.sub(r"\s+", " ", text).strip()


def _group(run: list[Token], start: int) -> tuple[list[Token], int]:
    """What stands in the brackets that open at `start`, and where they close."""
    depth = 0
    for i in range(start, len(run)):
        depth += (run[i][1] == "(") - (run[i][1] == ")")
        if depth == 0:
            return run[start + 1 : i], i
    return run[start + 1 :], len(run) - 1


def _name(text: str) -> str:
    if text in _WORDS:
        return _WORDS[text] + " "
    if text.partition("_")[0] == "sum":
        return r"\textstyle\sum" + (f"_{text[4:]}" if "_" in text else "") + " "
    core = text.rstrip("'")
    primes = text[len(core) :]
    if core.endswith(("_-", "_+")):
        return symbol_latex(core[:-2]) + f"_{{{core[-1]}}}" + primes
    if len(core) > 1 and core[0] == "d" and "_" not in core and core not in _GREEK:
        return r"d" + symbol_latex(core[1:]) + primes
    return symbol_latex(core) + primes
