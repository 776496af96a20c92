"""The Python text of emitted functions as JavaScript.

A formula is printed once, by `python_text`, and translated here, so that both languages evaluate the same
expression in the same order. What is understood is what is emitted: assignments and a `return` of numbers,
names, + - * / **, comparisons joined by &, calls, tuples and mappings, which become lists of pairs. Two
dialects:

    infix    doubles: `4 * (1 - phi) ** 3`
    calls    any numbers, by functions of the runtime: `times(4, power(minus(1, phi), 3))`
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

WIDTH = 110

_ATOM = 9
# Precedence of JavaScript's operators; the base of a power must bind more tightly than a sign.
_INFIX: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 4),
    ast.Sub: ("-", 4),
    ast.Mult: ("*", 5),
    ast.Div: ("/", 5),
    ast.Pow: ("**", 7),
    ast.BitAnd: ("&&", 1),
}
_CALLS: dict[type[ast.operator], str] = {
    ast.Add: "plus",
    ast.Sub: "minus",
    ast.Mult: "times",
    ast.Div: "over",
    ast.Pow: "power",
}
_COMPARISONS: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">="}
_NAMES = {"None": "null", "PI": "Math.PI", "sqrt": "Math.sqrt"}


def body(python: Sequence[str], *, calls: bool = False) -> list[str]:
    """The statements of a function's body, in lines."""
    tree = ast.parse("def f():\n" + "\n".join(python))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    lines: list[str] = []
    for statement in function.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                lines += _statement(f"const {name} =", value, calls)
            case ast.Return(value=ast.Call(func=ast.Name(id=name), keywords=fields)) if fields:
                lines += ["return {", *(line for field in fields for line in _field(field, calls)), "};"]
            case ast.Return(value=ast.expr() as value):
                lines += _statement("return", value, calls)
            case _:
                raise TypeError(f"no JavaScript for the statement {ast.unparse(statement)!r}")
    return lines


def expression(python: str) -> str:
    """One expression in the infix dialect."""
    return _text(ast.parse(python, mode="eval").body, False)[0]


def _statement(head: str, value: ast.expr, calls: bool) -> list[str]:
    line = f"{head} {_text(value, calls)[0]};"
    if len(line) <= WIDTH - 8 or not isinstance(value, ast.BinOp) or calls:
        return [line]
    # A long sum is broken before its signs, which begin the lines.
    terms: list[str] = []
    while isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Sub)):
        operator, level = _INFIX[type(value.op)]
        terms.insert(0, f"{operator} {_closed(value.right, level + 1)}")
        value = value.left
    terms.insert(0, _closed(value, 4))
    return [f"{head} (", *(f"  {term}" for term in terms), ");"]


def _field(field: ast.keyword, calls: bool) -> list[str]:
    """A field of an object, a long list one item a line."""
    line = f"  {field.arg}: {_text(field.value, calls)[0]},"
    if len(line) <= WIDTH - 8 or not isinstance(field.value, ast.Tuple):
        return [line]
    items = (f"    {_text(item, calls)[0]}," for item in field.value.elts)
    return [f"  {field.arg}: [", *items, "  ],"]


def _closed(node: ast.expr, level: int) -> str:
    """Text of an operand, in brackets where it binds less tightly than `level`."""
    text, own = _text(node, False)
    return text if own >= level else f"({text})"


def _text(node: ast.expr, calls: bool) -> tuple[str, int]:
    """Text and the precedence of its outermost operator."""
    match node:
        case ast.Constant(value=None):
            return "null", _ATOM
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as value):
            return repr(value), _ATOM
        case ast.Name(id=name):
            return (name if calls else _NAMES.get(name, name)), _ATOM
        case ast.Tuple(elts=items):
            return f"[{', '.join(_text(item, calls)[0] for item in items)}]", _ATOM
        case ast.Dict(keys=keys, values=values):
            pairs = (ast.Tuple([k, v]) for k, v in zip(keys, values, strict=True) if k is not None)
            return f"[{', '.join(_text(pair, calls)[0] for pair in pairs)}]", _ATOM
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            if calls:
                return f"times(-1, {_text(operand, calls)[0]})", _ATOM
            text, level = _text(operand, calls)
            # A power under a sign must be bracketed; the sign of a product is that of its first factor.
            return f"-{_bracketed_lead(operand, text, level)}", 6
        case ast.BinOp(left=left, op=op, right=right) if calls and type(op) in _CALLS:
            return f"{_CALLS[type(op)]}({_text(left, calls)[0]}, {_text(right, calls)[0]})", _ATOM
        case ast.BinOp(left=left, op=op, right=right) if not calls and type(op) in _INFIX:
            sign, level = _INFIX[type(op)]
            below, above = (8, level) if isinstance(op, ast.Pow) else (level, level + 1)
            return f"{_closed(left, below)} {sign} {_closed(right, above)}", level
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            return f"{_closed(left, 3)} {_COMPARISONS[type(op)]} {_closed(right, 3)}", 2
        case ast.Call(func=ast.Name() as function, args=arguments, keywords=[]):
            inner = ", ".join(_text(argument, calls)[0] for argument in arguments)
            return f"{_text(function, calls)[0]}({inner})", _ATOM
    raise TypeError(f"no JavaScript for {ast.unparse(node)!r}")


def _bracketed_lead(operand: ast.expr, text: str, level: int) -> str:
    lead = operand
    while isinstance(lead, ast.BinOp) and not isinstance(lead.op, ast.Pow):
        lead = lead.left
    power = isinstance(lead, ast.BinOp)
    return f"({text})" if level < 5 or power else text
