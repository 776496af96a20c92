"""Formulas in the order papers print them, broken where they are long; steps and derivations.

What is written is read back: LaTeX and text of every equation of a derivation are parsed and
compared with the expression they came from, so no sign, bracket or exponent can be lost.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sympy as sp
from sympy.parsing.sympy_parser import implicit_multiplication, parse_expr, standard_transformations

from derive import Gaussian, Gram, Jacobi, Model, Wigner, Wishart, load
from derive.derivation import CertificateError, Definition, Derivation, Section, Step
from derive.language.symbols import symbol_latex
from derive.laws import G, Levy, g, w, x, z
from derive.typesetting.latex import (
    derivation_latex,
    derivation_markdown,
    display_rows,
    displayed,
    ensemble_latex,
    latex,
    names_of,
)
from derive.typesetting.prose import marked, prose_latex
from derive.typesetting.text import SUPERSCRIPT, derivation_text, prose, text
from tests.derived import all_derivations

eps, phi, sigma = (sp.Symbol(name, positive=True) for name in ("eps", "phi", "sigma"))
W = sp.Symbol("W")
CUBIC = sp.expand(2 * eps * phi * G**3 - (2 * eps + z * phi) * G**2 + (z + phi - 1) * G - 1)
QUARTIC = sp.expand(
    2 * (z - sigma * (1 - phi)) * G
    - phi * (2 * sigma * z + eps * (1 - phi)) * G**2
    - eps * phi**2 * (z + sigma * (phi - 2)) * G**3
    + z * eps * sigma * phi**3 * G**4
    - 2
)
DISCRIMINANT = sp.discriminant(QUARTIC, G)
R = sp.Function("R")


@dataclass(frozen=True)
class Vanishes:
    """A certificate for these tests: the expression expands to 0."""

    expression: sp.Expr

    def check(self) -> None:
        if sp.expand(self.expression) != 0:
            raise CertificateError(f"{self.expression} is not 0")

    @property
    def summary(self) -> str:
        return "expands to 0"


def by_hand() -> Derivation:
    """A small derivation that shows every kind of thing a derivation can hold."""
    model = load("wishart_wigner")
    steps = (
        Step("Free sum", "R-transforms of free elements add; 100% of them, & < all.",
             sp.Eq(R(g), 1 / (1 - phi * g) + 2 * eps * g), Vanishes(sp.S.Zero), "Somebody (2017), eq. 17"),
        Step("equation", "With z = R(G) + 1/G.", sp.Eq(CUBIC, 0), Vanishes(sp.S.Zero)),
        Step("names", "Nothing is claimed.", (sp.Eq(W, sp.sqrt(1 + 8 * phi)), r"\phi \to 1"), Definition()),
        Step("long", "Of the quartic in $G$.", sp.Eq(sp.Symbol("D"), DISCRIMINANT), Definition()),
    )  # fmt: skip
    law = Levy(sp.S.One, (sp.S.Zero, phi), (2 * eps, phi))
    return Derivation(model, law, CUBIC, (Section("one section", steps),), {}, ("The rest is undecided.",))


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        (CUBIC, r"2 \epsilon \phi G^3 - (\phi z + 2 \epsilon) G^2 + (z + \phi - 1) G - 1"),
        (1 / (1 - g * phi) + 2 * eps * g, r"\frac{1}{1 - \phi g} + 2 \epsilon g"),
        (
            (1 - 20 * phi - 8 * phi**2 + (1 + 8 * phi) ** sp.Rational(3, 2)) / 16,
            r"\frac{1 - 20 \phi - 8 \phi^2 + (1 + 8 \phi)^{3/2}}{16}",
        ),
        (4 * (1 - phi) ** 3 * (1 + W) / (3 + W) ** 3, r"\frac{4 (1 + W) (1 - \phi)^3}{(3 + W)^3}"),
        (phi * sp.sqrt(eps / 2), r"\phi \sqrt{\frac{\epsilon}{2}}"),
        (3 * sp.sqrt(3) * (2 * eps) ** (sp.S.One / 3) / sp.pi, r"\frac{3 \sqrt{3} (2 \epsilon)^{1/3}}{\pi}"),
        (w + 1 + 2 * eps / w + phi / (w - phi), r"w + 1 + \frac{2 \epsilon}{w} + \frac{\phi}{w - \phi}"),
        (-eps * g / (eps * g**2 - 2), r"\frac{\epsilon g}{2 - \epsilon g^2}"),
        (sp.Mul(-1, phi - x**2, evaluate=False), r"x^2 - \phi"),
        (phi ** sp.Rational(1, 3) - 1, r"\phi^{1/3} - 1"),
        (1 / sp.sqrt(x), r"\frac{1}{\sqrt{x}}"),
        (sp.Ne(0, phi, evaluate=False), r"\phi \neq 0"),
        (sp.Max(0, 1 - 1 / phi), r"\max\left(0, 1 - \frac{1}{\phi}\right)"),
        (sp.Eq(sp.Symbol("eps_c"), phi), r"\epsilon_c = \phi"),
        (sp.Symbol("D_0'"), "D_0'"),
        (sp.Tuple(1), "(1)"),
        (phi + sp.Function("O")(phi**2), r"\phi + O(\phi^2)"),
        (sp.Function("G")(z) * z * phi - 1, r"\phi z G(z) - 1"),
        (sp.Derivative(sp.Function("F")(g), g), r"\frac{d}{d g} F(g)"),
        (sp.Integral(x**2, (x, 0, 1)), r"\int_{0}^{1} x^2 \, dx"),
        (sp.Limit(1 / x, x, sp.oo), r"\lim_{x \to \infty} \frac{1}{x}"),
        (Wishart(ratio=phi) + Wigner(variance=2 * eps),
         r"\operatorname{Wishart}(\text{ratio } \phi) + \operatorname{Wigner}(\text{variance } 2 \epsilon)"),
    ],
)  # fmt: skip
def test_papers_print_it_so(expression: object, printed: str) -> None:
    assert latex(expression) == printed


def test_text_for_terminals() -> None:
    assert text(sp.Eq(CUBIC, 0)) == "2 ε φ G³ − (φ z + 2 ε) G² + (z + φ − 1) G − 1 = 0"
    assert text(sp.sqrt(1 + 8 * phi) / (3 * W) ** 2) == "√(1 + 8 φ)/(9 W²)"


def test_a_parameters_own_latex_is_used() -> None:
    assert latex(eps * phi, {"eps": r"\varepsilon"}) == r"\varepsilon \phi"
    assert text(eps * phi, {"eps": r"\lambda_1"}) == "λ₁ φ"
    assert symbol_latex("eps_c", {"eps": r"\varepsilon"}) == r"\varepsilon_c"


@pytest.fixture
def derivations() -> list[Derivation]:
    return list(all_derivations().values())


SYMBOLS = {str(s): s for s in (eps, phi, sigma, G, z, g, w, x, W)}
VALUES = {s: sp.Rational(2 * i + 3, 5 * i + 7) for i, s in enumerate(SYMBOLS.values())}


def read_text(written: str) -> sp.Expr:
    back = {value: chr(key) for key, value in SUPERSCRIPT.items()}
    written = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: "**(" + m[0].translate(back) + ")", written)
    for sign, python in (("−", "-"), ("^", "**"), ("π", " pi "), ("·", "*"), ("√", "sqrt")):
        written = written.replace(sign, python)
    for letter, name in (("ε", "eps"), ("φ", "phi"), ("σ", "sigma")):
        written = written.replace(letter, name)
    return _parse(re.sub(r"sqrt(\w+)", r"sqrt(\1)", written))


def read_latex(written: str) -> sp.Expr:
    written = re.sub(
        r"\\(left|right|[bB]ig[lr]|quad|begin\{aligned\}|end\{aligned\})|&|\\\\|\n", " ", written
    )
    for letter, name in (
        (r"\epsilon", " eps "),
        (r"\phi", " phi "),
        (r"\sigma", " sigma "),
        (r"\pi", " pi "),
    ):
        written = written.replace(letter, name)
    written = written.replace(r"\cdot", "*")
    for _ in range(30):
        written = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", written)
        written = re.sub(r"\\sqrt\{([^{}]*)\}", r" sqrt(\1)", written)
        written = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", written)
    return _parse(re.sub(r"\^(\w)", r"**\1", written))


def _parse(written: str) -> sp.Expr:
    rules = (*standard_transformations, implicit_multiplication)
    return parse_expr(written, local_dict=SYMBOLS, transformations=rules)


def same(read: sp.Expr, meant: sp.Expr) -> bool:
    return bool(abs(sp.N((read - meant).subs(VALUES), 30)) < 1e-20)


def expressions(derivations: list[Derivation]) -> Iterator[sp.Expr]:
    """The right-hand sides that are made of known symbols, powers and numbers alone."""
    for derivation in derivations:
        for step in derivation.steps:
            for shown in step.equation if isinstance(step.equation, tuple) else (step.equation,):
                value = shown.rhs if isinstance(shown, sp.Equality) else shown
                if not isinstance(value, sp.Expr) or value.free_symbols - set(SYMBOLS.values()):
                    continue
                if not value.is_finite or not all(
                    isinstance(node, (sp.Symbol, sp.Number, sp.Add, sp.Mul, sp.Pow, type(sp.pi)))
                    for node in sp.preorder_traversal(value)
                ):
                    continue
                yield value


def test_every_equation_reads_back(derivations: list[Derivation]) -> None:
    found = list(expressions(derivations))
    assert len(found) > 100
    for value in found:
        assert same(read_text(text(value)), value), text(value)
        assert same(read_latex(latex(value)), value), latex(value)
        assert same(read_latex(displayed(value, None, 40.0)), value), displayed(value, None, 40.0)


def test_reading_back_would_notice() -> None:
    assert not same(read_latex(latex(CUBIC).replace("- 1", "+ 1")), CUBIC)
    assert not same(read_text(text(QUARTIC).replace("⁴", "³")), QUARTIC)


def test_rows_fit_and_lose_nothing() -> None:
    discriminant = sp.expand(DISCRIMINANT)
    whole = latex(discriminant)
    for width in (44.0, 88.0):
        rows = display_rows(discriminant, None, width)
        assert len(rows) > 5
        assert re.sub(r"\s", "", "".join(rows)) == re.sub(r"\s", "", whole)
        for row in rows:
            assert len(re.sub(r"\\[a-z]+|[{}^ ]", "x", row)) < 2.2 * width


def test_order_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from sympy import *; from derive.typesetting.latex import latex\n"
        "e, p, s, G, z, x = symbols('eps phi sigma G z x', positive=True)\n"
        "q = expand((z*e*s*p**3*G**2 - e*p**2*(z + s*(p - 2))*G + x)**2)\n"
        "print(latex(q), latex(sqrt(1 + p)*e/(1 - x)**2 + log(p) + sqrt(s) + sin(e)))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(printed) == 1


@pytest.mark.parametrize(
    ("sentence", "formulas"),
    [
        ("so w < 0, and there dH/deps < 0: the edge falls", ["w < 0", r"dH/d\epsilon < 0"]),
        ("An atom at 0, and Liouville's theorem", []),
        ("R-transforms of A and B add", ["R", "A", "B"]),
        ("Im w >= Im z > 0", [r"\operatorname{Im} w \geq \operatorname{Im} z > 0"]),
        ("runs from +oo to -oo", [r"+\infty", r"-\infty"]),
        ("(w - w_-)^2 / 2 holds", [r"(w - w_{-})^{2} / 2"]),
        ("the sum of c_j g/(1 - p_j g)", ["c_j g/(1 - p_j g)"]),
        ("already $x^2$ here", ["x^2"]),
        ("the trace of (z - M)^-1", ["(z - M)^{-1}"]),
    ],
)
def test_formulas_in_sentences(sentence: str, formulas: list[str]) -> None:
    assert marked(sentence).split("$")[1::2] == formulas


def test_sentences_are_escaped() -> None:
    assert prose_latex("100% of a_long_name & more #1") == r"100\% of a\_long\_name \& more \#1"
    assert prose("with phi >= 1 and $\\sigma^2$") == "with φ ≥ 1 and σ²"


def test_a_notebook_shows_what_is_written() -> None:
    derivation = by_hand()
    assert derivation._repr_latex_() == derivation_latex(derivation)
    assert derivation._repr_markdown_() == derivation_markdown(derivation)


def test_steps_show_everything(derivations: list[Derivation]) -> None:
    for derivation in [by_hand(), *derivations]:
        body, notebook, terminal = (
            f(derivation) for f in (derivation_latex, derivation_markdown, derivation_text)
        )
        assert body.count(r"\paragraph{") == notebook.count("\n**") == len(derivation.steps)
        assert terminal.count("∎") == len(derivation.steps)
        assert notebook.count("$$") % 2 == 0
        assert "Symbol(" not in body + notebook + terminal
        for limit in derivation.limits:
            assert limit in notebook


def test_text_keeps_its_width(derivations: list[Derivation]) -> None:
    for derivation in derivations:
        for line in derivation_text(derivation, 90).splitlines():
            assert len(line) <= 90 or "/" in line, line  # a fraction is not broken


def test_a_failing_certificate_never_becomes_a_step() -> None:
    with pytest.raises(CertificateError, match="planted"):
        Step("planted", "false", sp.Eq(phi, phi + 1, evaluate=False), Vanishes(sp.S.One))


def test_names_come_from_the_model() -> None:
    model: Model = load("relu_hessian")
    assert names_of(model) == {"eps": r"\epsilon", "phi": r"\phi", "sigma": r"\sigma"}


def test_what_f_is_does_not_run_into_what_follows() -> None:
    """F F', F = N is in brackets before another term, factor or offset; a factor of a factor is too."""
    wishart, gram = Wishart(1), Gram(Gaussian(1, 2))
    inside = r"\left(F F^{\mathsf{T}}, \quad F = \mathcal{N}_{1 \times 2}\left(1\right)\right)"
    other = r"\operatorname{Wishart}(\text{ratio } 1)"
    assert ensemble_latex(gram + wishart) == f"{inside} + {other}"
    assert ensemble_latex(gram @ wishart) == rf"{inside} \boxtimes {other}"
    assert ensemble_latex(gram + 1) == f"1 + {{{inside}}}"
    assert ensemble_latex(wishart + gram) == f"{other} + {inside[6:-7]}"
    assert ensemble_latex(2 * -wishart) == rf"2 \, \left(-{other}\right)"


def test_brackets_are_not_doubled_and_long_indices_are_braced() -> None:
    masses = r"\left(\frac{1}{3} \, \delta_{0} + \frac{2}{3} \, \delta_{1}\right)"
    assert latex(Jacobi(sp.Rational(1, 2), 1)) == r"\operatorname{corner}_{\frac{1}{3}}" + masses
    assert latex(sp.Function("R_A+B")(sp.Symbol("g"))) == "R_{A + B}(g)"
    n = sp.Symbol("n")
    assert latex(sp.binomial(2 * n, n)) == r"\binom{2 n}{n}"
