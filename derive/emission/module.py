"""From a derivation to the text of one module: a pure function, the same bytes every time.

1. polynomials and closed forms become Python text (`python_text`), the equation also plain text;
2. the template `templates/module.py.jinja` lays out the functions of the interface;
3. `package` adds the package's own file and the runtime, copied as it is.

The text needs no formatter: it is stable under the project's own.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import sympy as sp

from .. import laws
from ..derivation import Derivation
from ..language.model import KINDS, ModelError
from ..language.parameters import Parameter
from ..laws import Algebraic, Functional, G, Levy, Radial, Smoothed, z
from ..typesetting.latex import latex, names_of
from .python_text import WIDTH, PythonText, radicals

# What only the modules of a kind of law hold.
_MARKS = {
    "algebraic": "\n    return AlgebraicKernels(",
    "functional": "\n_FAMILY = FunctionalFamily(",
    "radial": "\n_FAMILY = RadialFamily(",
}

HEADER = "Written by `{command}`; do not edit."

# An edge polynomial with more monomials than this is left out: its text would serve nobody.
LONGEST_EDGE_POLYNOMIAL = 150


def module_text(derivation: Derivation, command: str = "make regenerate") -> str:
    """The text of the generated module of a derivation."""
    if isinstance(derivation.law, Smoothed):
        raise ModelError(
            f"no module is made of {derivation.model.title!r}, which has no moments, for its Cauchy part; "
            "its G at z is that of the other part at z + i times the scale: make the module of that"
        )
    if isinstance(derivation.law, Functional):
        from .sparse_module import sparse_text

        return sparse_text(derivation, derivation.law, command)
    if isinstance(derivation.law, Radial):
        from .radial_module import radial_text

        return radial_text(derivation, derivation.law, command)
    return environment().get_template("module.py.jinja").render(context(derivation, command))


def package(derivations: Sequence[Derivation], command: str = "make regenerate") -> dict[str, str]:
    """All files of a generated package, by path relative to it."""
    files = {f"{d.model.name}.py": module_text(d, command) for d in derivations}
    listed: dict[str, list[str]] = {}
    for d in derivations:
        listed.setdefault(kind_of(files[f"{d.model.name}.py"]), []).append(d.model.name)
    files["__init__.py"] = package_text(listed, command)
    files |= runtime_files()
    return dict(sorted(files.items()))


def kind_of(text: str) -> str:
    """The kind of law (`derive.language.model.KINDS`) of the text of a generated module; "" for most."""
    return next((kind for kind, mark in _MARKS.items() if mark in text), "")


def package_text(names: Mapping[str, Iterable[str]], command: str) -> str:
    """The text of the package's `__init__.py`, from the names of its modules by kind."""
    listed = [
        line for kind in ("", *KINDS) for line in _listed(kind.upper() or "MODELS", names.get(kind, ()))
    ]
    return "\n".join(
        [
            '"""Evaluators of limiting spectra, one module a model; NumPy is all they need.',
            "",
            f"{HEADER.format(command=command)}",
            '"""',
            "",
            *listed,
            "",
        ]
    )


def _listed(what: str, names: Iterable[str]) -> list[str]:
    listed = [f'    "{name}",' for name in sorted(names)]
    if len(listed) > 1:
        return [f"{what} = (", *listed, ")"]
    return [f"{what} = ({''.join(listed).strip()})"]


def runtime_files() -> dict[str, str]:
    """The runtime's files as they are, by path in the generated package."""
    folder = Path(str(resources.files("derive"))) / "runtime"
    return {
        f"_runtime/{file.relative_to(folder).as_posix()}": file.read_text(encoding="utf-8")
        for file in folder.rglob("*.py")
    }


def environment() -> jinja2.Environment:
    """Templates of texts that are not HTML."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(resources.files("derive") / "templates")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Python text, not HTML
    )
    environment.filters["doc"] = _doc
    return environment


def context(derivation: Derivation, command: str) -> dict[str, Any]:
    """What a template shows of a derivation; bodies of functions are lines of Python text."""
    model, law = derivation.model, derivation.law
    assert not isinstance(law, (Functional, Radial, Smoothed))
    symbols = [parameter.symbol for parameter in model.parameters]
    text = PythonText([z, laws.x, *symbols, laws.g])
    kind = _levy(law, text) if isinstance(law, Levy) else _algebraic(derivation, text)
    edge = derivation.closed_forms.get("edge_polynomial")
    critical = _critical(derivation)
    r_transform = derivation.closed_forms.get("r_transform")
    body = "\n".join(kind["coefficients_body"] + (critical["body"] if critical else []))
    shown = latex(sp.Eq(derivation.equation, 0, evaluate=False), names_of(model))
    return {
        **common_context(derivation, command, shown),
        "equation_text": _plain_equation(derivation.equation, text),
        "equation_body": _polynomial_body(derivation.equation, G, "g", text),
        "edge_body": _edge_body(edge, text) if edge is not None else None,
        "r_transform": None if r_transform is None else _r_transform_body(r_transform, text),
        "critical": critical,
        "prefactor": critical["prefactor"] if critical else None,
        "needs_sqrt": "sqrt(" in body,
        "nonnegative": "multiplicative_outlier" in derivation.closed_forms,
        **kind,
    }


def common_context(derivation: Derivation, command: str, equation: str) -> dict[str, Any]:
    """What the templates of all kinds of law show; `equation` in LaTeX."""
    model = derivation.model
    kinds = {Algebraic: "algebraic/", Functional: "functional/", Radial: "radial/"}
    folder = kinds.get(type(derivation.law), "")
    shipped = f"derive/models/{folder}{model.name}.py"
    return {
        "title": model.title,
        "name": model.name,
        "source": str(model.source) if model.source else "a model file",
        "origin": shipped if command == "make regenerate" else f"{model.name}.py",
        "command": command,
        "limits": [_item(limit) for limit in derivation.limits],
        "parameters": [_described(parameter) for parameter in model.parameters],
        "parameter_lines": _parameter_lines(model.parameters),
        "arguments": _signature(model.parameters, "ArrayLike"),
        "bare_arguments": _signature(model.parameters, "Any"),
        "tuple": _tuple(model.parameters),
        "latex_lines": _latex_lines(equation),
        "quoted": _quoted,
        "head": _head,
    }


def _levy(law: Levy, text: PythonText) -> dict[str, Any]:
    def listed(head: str, items: Sequence[sp.Expr | None], last: str = ",") -> list[str]:
        parts = ["None" if item is None else text(item) for item in items]
        inner = ", ".join(parts) + ("," if len(parts) == 1 else "")
        line = f"        {head}=({inner}){last}"
        return (
            [line]
            if len(line) <= WIDTH
            else [f"        {head}=(", *(f"            {p}," for p in parts), f"        ){last}"]
        )

    return {
        "kernels_module": "levy.kernels",
        "kernels_class": "LevyKernels",
        "coefficients_class": "LevyCoefficients",
        "kernels_arguments": "",
        "bands": max(1, len(law.poles)),
        "every_outlier": None,  # there is one at most
        "atom_rows": 1,
        "law_text": [
            "It is a free Levy law, R(g) = m + sum_j c_j g / (1 - p_j g) with positive c_j: the branch is",
            "certified, and so are the edges, simple real solutions of sum_j c_j / (w - p_j)^2 = 1, w = 1/G.",
        ],
        "coefficients_body": [
            "    return LevyCoefficients(",
            f"        mean={text(law.mean)},",
            *listed("poles", law.poles),
            *listed("weights", law.weights),
            *listed("rates", law.rates),
            *_at_zero(law, text),
            "    )",
        ],
    }


def _at_zero(law: Levy, text: PythonText) -> list[str]:
    """The argument `at_zero`, without the sets of poles whose sums would not fit a line."""
    sums = {which: ", ".join(map(text, values)) for which, values in law.at_zero.items()}
    lines = [f"            {which}: ({values})," for which, values in sums.items()]
    lines = [line for line in lines if len(line) <= WIDTH]
    return ["        at_zero={", *lines, "        },"] if lines else ["        at_zero={},"]


def _algebraic(derivation: Derivation, text: PythonText) -> dict[str, Any]:
    polynomial, rows = sp.Poly(derivation.equation, G, z), _rows(derivation.equation)
    edge = derivation.closed_forms.get("edge_polynomial")
    factors = (
        [] if edge is None else [sp.Poly(factor, laws.x) for factor, _ in sp.factor_list(edge, laws.x)[1]]
    )
    edges = [list(reversed(factor.all_coeffs())) for factor in factors if factor.degree() > 0]
    if sum(len(sp.Add.make_args(sp.expand(c))) for factor in edges for c in factor) > LONGEST_EDGE_POLYNOMIAL:
        edges = []  # computed by the runtime, exactly, for the parameters at hand
    branch_points = sum(len(factor) - 1 for factor in edges) or 2 * polynomial.degree(G) * polynomial.degree(
        z
    )
    named: list[str] = []

    def nested(head: str, table: list[list[sp.Expr]], letter: str = "") -> list[str]:
        lines = []
        for i, row in enumerate(table):
            items = []
            for j, item in enumerate(row):
                written = text(item)
                if len(written) > WIDTH - 20:
                    label = _unused(f"{letter or head[0]}{i}_{j}", derivation.equation)
                    named.extend(text.statement(f"{label} =", sp.expand(item)))
                    written = label
                items.append(written)
            line = f"            ({', '.join(items)}{',' if len(items) == 1 else ''}),"
            lines += (
                [line]
                if len(line) <= WIDTH
                else ["            (", *(f"                {item}," for item in items), "            ),"]
            )
        if len(lines) == 1 and len(line := f"        {head}=({lines[0].strip()}),") <= WIDTH:
            return [line]
        return [f"        {head}=(", *lines, "        ),"] if lines else [f"        {head}=(),"]

    before, branch = _branch(derivation, nested)
    body = [
        "    return AlgebraicCoefficients(",
        *nested("rows", rows),
        *nested("edges", edges),
        *branch,
        "    )",
    ]
    return {
        "kernels_module": "algebraic.kernels",
        "kernels_class": "AlgebraicKernels",
        "coefficients_class": "AlgebraicCoefficients",
        "kernels_arguments": f", bands={max(1, branch_points // 2)}, atoms={max(1, polynomial.degree(z))}",
        "bands": max(1, branch_points // 2),
        "every_outlier": max(1, branch_points // 2) + max(1, polynomial.degree(z)),
        "atom_rows": max(1, polynomial.degree(z)),
        "law_text": [
            "It is an algebraic law outside the rational free Levy class: the branch is continued from",
            "infinity, each step proved by Rouche's inequality in double precision, and the law is tabulated",
            "between its singular points. A frozen law says what is certified (`certificates`) and what",
            "is not (`uncertified`). Distribution functions are integrals of the tables: their absolute",
            "error, measured and not proved, is at most 1e-12; a frozen law tells the defect of its mass.",
        ],
        "coefficients_body": named + before + body,
    }


def _rows(equation: sp.Expr) -> list[list[sp.Expr]]:
    """The coefficients of G^i z^j."""
    polynomial = sp.Poly(equation, G, z)
    return [
        [polynomial.coeff_monomial(G**i * z**j) for j in range(polynomial.degree(z) + 1)]
        for i in range(polynomial.degree(G) + 1)
    ]


def _branch(derivation: Derivation, nested: Any) -> tuple[list[str], list[str]]:
    """Statements, and arguments of the coefficients, that tell the branch by its mean; none for most laws."""
    law = derivation.law
    if not isinstance(law, Algebraic) or law.mean is None:
        return [], []
    symbols = [p.symbol for p in derivation.model.parameters]
    names = {value.symbol: _unused(f"g{k}", *symbols) for k, value in enumerate(law.values, 1)}
    text = PythonText([*symbols, *names], dict(names))
    statements: list[str] = []

    def function(label: str, arguments: Iterable[str], mean: sp.Expr) -> str:
        listed = ", ".join(f"{name}: Any" for name in arguments)
        body = text.statement("return", sp.together(mean), indent=8)
        statements.extend(
            [*([""] if statements and statements[-1] else []), f"    def {label}({listed}) -> Any:"]
        )
        statements.extend([*body, ""])
        return label

    pairs = []
    for k, value in enumerate(law.values, 1):
        label, mean = _unused(f"rows{k}", *symbols), "None"
        first, *rest = nested(label, _rows(value.polynomial), letter=f"v{k}_")
        lines = [line[4:] for line in [first.replace("=(", " = (", 1), *rest]]
        statements += [*lines[:-1], lines[-1].removesuffix(",")]
        if value.mean is not None:
            before = [names[earlier.symbol] for earlier in law.values[: k - 1]]
            mean = function(_unused(f"mean{k}", *symbols), before, value.mean)
        pairs.append(f"({label}, {mean})")
    own = function(_unused("mean", *symbols), names.values(), law.mean)
    listed = f"({pairs[0]},)" if len(pairs) == 1 else f"({', '.join(pairs)})"
    return statements, [f"        mean={own},", f"        values={listed},"]


def _critical(derivation: Derivation) -> dict[str, Any] | None:
    """The critical energy's function, and its prefactor's, if they have closed forms."""
    forms, model = derivation.closed_forms, derivation.model
    if "critical_energy" not in forms:
        return None
    energy = next(p for p in model.parameters if p.role == "energy")
    others = tuple(p for p in model.parameters if p is not energy)
    facts = forms["critical_condition"] or (others[0].symbol,)  # none beyond the domain itself
    text = PythonText([p.symbol for p in others])
    names = ", ".join(p.name for p in others)
    sources = [stated.source for stated in model.stated if stated.what == "critical_energy"]
    first = model.parameters.index(others[0])
    run = model.parameters[first : first + len(others)] == others
    chosen = f"PARAMETERS[{first}:]" if run and model.parameters[-1] is others[-1] else None
    body = _closed_form_body(forms["critical_energy"], others)
    return {
        "energy": energy.name,
        "arguments": _signature(others, "ArrayLike"),
        "bare_arguments": _signature(others, "Any"),
        "names": names if len(others) > 1 else f"{names},",
        "parameters": chosen or f"({', '.join(f'PARAMETERS[{model.parameters.index(p)}]' for p in others)},)",
        "inside": _all_of([_condition(fact, text) for fact in facts]),
        "condition": " and ".join(_condition(fact, text) for fact in facts) or "all parameters",
        "source": f"Source: {', '.join(str(source) for source in sources)}." if sources else "",
        "formula": _plain_formula(body),
        "body": body,
        "prefactor": _prefactor_body(forms, others),
    }


def _prefactor_body(forms: Mapping[str, Any], parameters: Sequence[Parameter]) -> dict[str, Any] | None:
    if "index_prefactor" not in forms:
        return None
    body = _closed_form_body(forms["index_prefactor"], parameters)
    return {"body": body, "formula": _plain_formula(body)}


def _closed_form_body(expression: sp.Expr, parameters: Sequence[Parameter]) -> list[str]:
    """A function's body for a closed form, its square roots of sums named."""
    roots = radicals(expression)
    names = {
        root: _unused("W" if len(roots) == 1 else f"W{i}", expression) for i, root in enumerate(roots, 1)
    }
    symbols = [parameter.symbol for parameter in parameters]
    lines = []
    for root, name in names.items():
        lines += PythonText(symbols).statement(f"{name} =", root)
    return lines + PythonText(symbols, names).statement("return", expression)


def _plain_formula(body: list[str]) -> str:
    """The formula of a closed form's body in plain text."""
    *definitions, value = (line.strip() for line in body)
    text = value.removeprefix("return ") + "".join(f", {line}" for line in definitions)
    return text.replace(" ** ", "^").replace("**", "^").replace(" * ", " ")


def _all_of(conditions: list[str]) -> str:
    return " & ".join(f"({condition})" for condition in conditions) if len(conditions) > 1 else conditions[0]


def _condition(positive: sp.Expr, text: PythonText) -> str:
    """`positive > 0` as one would write it."""
    rest = 1 - positive
    return f"{rest} < 1" if rest.is_Symbol else f"{text(positive)} > 0"


def _signature(parameters: Sequence[Parameter], kind: str) -> str:
    return ", ".join(
        f"{p.name}: {kind}" + (f" = {_number(p.default)}" if p.default is not None else "")
        for p in parameters
    )


def _head(name: str, arguments: str, returns: str) -> str:
    """The line of a `def`, broken as the formatter breaks it; wrong calls of public ones are explained."""
    arguments = ", ".join(argument for argument in arguments.split(", ") if argument)
    mark = "" if name.startswith("_") else "@explained\n"
    line = f"def {name}({arguments}) -> {returns}:"
    if len(line) <= WIDTH:
        return mark + line
    if len(arguments) + 4 <= WIDTH:
        return f"{mark}def {name}(\n    {arguments}\n) -> {returns}:"
    parts = "".join(f"    {argument},\n" for argument in arguments.split(", "))
    return f"{mark}def {name}(\n{parts}) -> {returns}:"


def _tuple(parameters: Sequence[Parameter]) -> str:
    names = ", ".join(p.name for p in parameters)
    return f"({names},)" if len(parameters) == 1 else f"({names})"


def _number(value: int | Fraction) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


def _described(parameter: Parameter) -> dict[str, Any]:
    default = None if parameter.default is None else _number(parameter.default)
    return {
        "name": parameter.name,
        "domain": parameter.domain,
        "default": default,
        "meaning": parameter.meaning or "real",
    }


def _parameter_lines(parameters: Sequence[Parameter]) -> list[str]:
    """The assignment of PARAMETERS."""
    rows = []
    for parameter in parameters:
        fields = [
            f'"{parameter.name}"',
            _raw(parameter.latex),
            f'"{parameter.domain}"',
            "None" if parameter.default is None else repr(float(parameter.default)),
            _quoted(parameter.meaning),
        ]
        rows.append((fields, f"Parameter({', '.join(fields)})"))
    if not rows:
        return ["PARAMETERS = ()"]
    if len(rows) == 1 and len(line := f"PARAMETERS = ({rows[0][1]},)") <= WIDTH:
        return [line]
    lines = []
    for fields, row in rows:
        if len(row) + 5 <= WIDTH:
            lines.append(f"    {row},")
        else:
            lines += ["    Parameter(", *(f"        {field}," for field in fields), "    ),"]
    return ["PARAMETERS = (", *lines, ")"]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _doc(text: str) -> str:
    """Text as it is written inside a docstring."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _raw(text: str) -> str:
    return f'r"{text}"' if "\\" in text and '"' not in text and text[-1] != "\\" else _quoted(text)


def _latex_lines(latex: str) -> list[str]:
    line = f"LATEX = {_raw(latex)}"
    if len(line) <= WIDTH:
        return [line]
    pieces, rest = [], latex
    while rest:
        cut = len(rest) if len(rest) <= WIDTH - 8 else max(rest.rfind(" ", 0, WIDTH - 8), 1)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return ["LATEX = (", *(f"    {_raw(piece)}" for piece in pieces), ")"]


def _item(sentence: str) -> str:
    """A sentence as an item of a list, over as many lines as it needs."""
    return textwrap.fill(sentence, WIDTH - 2, initial_indent="- ", subsequent_indent="  ")


@dataclass(frozen=True)
class _Term:
    """sign * content * rest * variable^power, content a monomial, rest a sum or 1."""

    power: int
    negative: bool
    content: sp.Expr
    rest: sp.Expr

    def written(self, name: str, text: PythonText) -> str:
        """The term without its sign, power of the variable last."""
        factors = [] if self.content == 1 else [text(self.content)]
        factors += [] if self.rest == 1 else [f"({text(self.rest)})"]
        factors += {0: [], 1: [name]}.get(self.power, [f"{name}**{self.power}"])
        if factors == [f"({text(self.rest)})"] and not self.negative:
            return text(self.rest)
        return " * ".join(factors) or "1"


def _collected(polynomial: sp.Expr, variable: sp.Symbol, text: PythonText) -> list[_Term]:
    """By powers of the variable from the highest down; a coefficient's leading term is positive."""
    found = []
    for (power,), coefficient in sp.Poly(polynomial, variable).terms():
        expanded = sp.expand(coefficient)
        content, rest = expanded, sp.S.One
        if expanded.is_Add:
            content = sp.gcd_terms(expanded).as_independent(sp.Add, as_Add=False)[0]
            rest = sp.expand(expanded / content)
            if text.leading_sign(rest):
                content, rest = -content, sp.expand(-rest)
        negative = bool(content.as_coeff_Mul()[0] < 0)
        found.append(_Term(int(power), negative, -content if negative else content, rest))
    return found


def _unused(label: str, *expressions: sp.Expr) -> str:
    """The label, longer by underscores where a parameter of the expressions has its name."""
    taken = {str(symbol) for expression in expressions for symbol in expression.free_symbols}
    while label in taken:
        label += "_"
    return label


def _polynomial_body(polynomial: sp.Expr, variable: sp.Symbol, name: str, text: PythonText) -> list[str]:
    """A function's body that returns the polynomial; long coefficients get names."""
    lines: list[str] = []
    parts = []
    for term in _collected(polynomial, variable, text):
        part = term.written(name, text)
        if len(part) > WIDTH - 12:
            label = sp.Symbol(_unused(f"c{term.power}", polynomial))
            lines += text.statement(f"{label} =", sp.expand(term.content * term.rest))
            part = _Term(term.power, False, label, sp.S.One).written(name, text)
        parts.append((term.negative, part))
    if parts[0][0] and not all(negative for negative, _ in parts):
        first = next(i for i, (negative, _) in enumerate(parts) if not negative)
        parts.insert(0, parts.pop(first))
    return lines + _sum_lines("return", parts)


def _sum_lines(head: str, parts: list[tuple[bool, str]]) -> list[str]:
    written = [("-" if parts[0][0] else "") + parts[0][1]]
    written += [f"{'-' if negative else '+'} {part}" for negative, part in parts[1:]]
    line = f"    {head} {' '.join(written)}"
    return (
        [line] if len(line) <= WIDTH else [f"    {head} (", *(f"        {part}" for part in written), "    )"]
    )


def _r_transform_body(r_transform: sp.Expr, text: PythonText) -> list[str]:
    """R(g) as partial fractions, every denominator positive at g = 0 as papers print it."""
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.apart(sp.together(r_transform), laws.g)):
        above, below = sp.fraction(sp.together(term))
        constant = sp.Poly(below, laws.g).coeff_monomial(1)
        sign = -1 if constant.is_negative or constant.could_extract_minus_sign() else 1
        total += sp.factor(sign * above) / sp.expand(sign * below)
    return text.statement("return", total)


def _edge_body(edge: sp.Expr, text: PythonText) -> list[str] | None:
    polynomial = sp.Poly(edge, laws.x)
    if len(sp.Add.make_args(sp.expand(edge))) > LONGEST_EDGE_POLYNOMIAL:
        return None
    return _polynomial_body(polynomial.as_expr(), laws.x, "x", text)


def _plain_equation(equation: sp.Expr, text: PythonText) -> list[str]:
    """The equation in plain text, broken over lines where it is long."""
    parts = []
    for term in _collected(equation, G, text):
        parts.append((term.negative, term.written("G", text).replace("**", "^").replace(" * ", " ")))
    first = ("-" if parts[0][0] else "") + parts[0][1]
    pieces = [first, *(f"{'-' if negative else '+'} {part}" for negative, part in parts[1:]), "= 0"]
    lines = [""]
    for piece in (part for whole in pieces for part in _short(whole)):
        if lines[-1] and len(lines[-1]) + len(piece) > WIDTH - 10:
            lines.append("  ")
        lines[-1] += (" " if lines[-1].strip() else "") + piece
    return lines


def _short(piece: str) -> list[str]:
    """A term, in parts that begin with the signs inside its brackets where it is long for a line."""
    return [piece] if len(piece) <= WIDTH - 16 else re.split(r" (?=[+-] )", piece)
