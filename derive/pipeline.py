"""The pipeline: one model in, one certified derivation out.

1. domain       parameters                  -> symbols and the facts that hold on their domain
2. data         nodes                       -> variances, ratios and scales certified on the domain
3. transforms   expression                  -> curve of the law, expansion of its branch (derive.transforms)
4. equation     curve                       -> polynomial in (G, z) in canonical form
5. law          R-transform, equation       -> Levy or Algebraic, branch theorem (derive.analysis.recognition)
6. analysis     law                         -> edges, atoms, critical energy, moments, ...
7. stated       formulas that papers print  -> agreement or difference, decided     (derive.analysis.stated)

A sparse ensemble has no transform, complex eigenvalues have no G on the axis: `derive.sparse.law`,
`derive.sparse.product_law` and `derive.analysis.radial_law` take the place of steps 3 to 7.

What stays undecided becomes a sentence in `Derivation.limits`; a contradiction with what a model
states, or data outside their domain, refuses the model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy as sp

from .algebra.polynomials import canonical_of
from .algebra.radicals import constant_sign
from .algebra.rings import NotRational
from .algebra.signs import Undecided, assuming
from .analysis.existence import refuse_if_no_law
from .analysis.printed_densities import printed_densities
from .analysis.recognition import law_alone, recognise
from .analysis.stated import Context, compare
from .certificates import Identity, Irreducible, Together
from .derivation import Derivation, Section, Step
from .language.bounds import end_at_zero
from .language.conditions import Condition, conditions
from .language.eigenvalues import Eigenvalues
from .language.ensembles import Ensemble
from .language.model import Model, ModelError, wanted_model
from .language.operations import Inverse
from .language.parameters import PB17, Parameter
from .language.sparse import Sparse, SparseMatrix, SparseProduct
from .laws import Algebraic, G, Law, Smoothed, g, z
from .transforms import read, setting_of
from .transforms.branch_at_infinity import branch_section
from .transforms.cauchy import smoothed, without_cauchy
from .transforms.curves import Setting
from .transforms.reading import Reading
from .transforms.value_at_zero import with_branch

Forms = dict[str, Any]
Analysis = Callable[[Model, Law, sp.Expr], tuple[Section, Forms]]


def derive(model: Model) -> Derivation:
    """Everything that can be derived from a model, each step certified when it is made.

    Raises `ModelError` for a model that cannot be used (its message says why) and
    `CertificateError` if a certificate fails, which is a defect of this package; `TypeError` for a name,
    which `load` turns into a model.
    """
    wanted_model(model)
    facts = domain_facts(model.parameters)
    with assuming(facts):
        return _derive(model, _setting(model, facts))


def _derive(model: Model, setting: Setting) -> Derivation:
    limits: list[str] = []
    check_data(model, setting, limits)
    if isinstance(model.expression, SparseProduct):
        from .sparse.product_law import derive_sparse_product

        return derive_sparse_product(model, model.expression, setting, limits)
    if isinstance(model.expression, SparseMatrix):
        from .sparse.law import derive_sparse

        return derive_sparse(model, model.expression, setting, limits)
    if isinstance(model.expression, Eigenvalues):
        from .analysis.radial_law import derive_radial

        return derive_radial(model, model.expression, setting, limits)
    rest, scale = without_cauchy(model.expression, setting.facts)
    if scale != 0:
        return _derive_smoothed(model, rest, scale, setting, limits)
    doubtful = bool(limits)  # with all data in their domains the law exists by construction
    reading = _read(model, setting)
    equation = canonical_of(setting.ring, reading.equation)
    section = _equation(setting, reading, equation)
    sections = [Section("Transforms", reading.recorded()), section]
    law, certified, open_questions = recognise(setting, reading.r_transform, equation)
    law = with_branch(law, reading)
    sections += certified
    if isinstance(law, Algebraic) and law.mean is not None:
        sections.append(branch_section(setting, law))
    limits += open_questions
    if doubtful:
        limits += refuse_if_no_law(model.title, model.parameters, law, where=setting.facts)
    forms: Forms = {}
    value = reading.r_transform
    if value is not None:
        forms["r_transform"] = setting.show(value)
    bare = replace(model, stated=())  # what is printed is compared at the end, all of it
    for analysis in _analyses():
        try:
            found, derived = analysis(bare, law, equation)
        except Undecided as undecided:
            limits.append(f"{_title(analysis)}: {undecided}")
            continue
        limits += derived.pop("limits", ())
        forms.update(derived)
        if found.steps:
            sections.append(found)
    sections = [_sourced(model, section) for section in sections]
    sections += printed_densities(model)
    sections += _stated(model, Context(setting, reading, equation, forms), limits)
    return Derivation(model, law, equation, tuple(sections), forms, tuple(limits))


def _derive_smoothed(
    model: Model, rest: Ensemble | None, scale: sp.Expr, setting: Setting, limits: list[str]
) -> Derivation:
    """The derivation of A plus a Cauchy matrix: that of A up to its law, and the shift."""
    sections: list[Section] = []
    equation: sp.Expr = z * G - 1  # of the matrix 0
    law: Law = Algebraic(equation)
    if rest is not None:
        reading = read(rest, "A", setting)
        equation = canonical_of(setting.ring, reading.equation)
        section = _equation(setting, reading, equation)
        law, certified, open_questions = recognise(setting, reading.r_transform, equation)
        law = with_branch(law, reading)
        sections += [Section("Transforms", reading.recorded()), section, *certified]
        limits += open_questions
    equation, section = smoothed(equation, scale)
    limits.append("the law has no moments and no edges, because of its Cauchy part; no module is made of it")
    steps = tuple(_sourced(model, one) for one in (*sections, section))
    return Derivation(model, Smoothed(law, scale), equation, steps, {}, tuple(limits))


def law_of(model: Model) -> Law:
    """The law alone, through the same certified eliminations as `derive`; the steps are not made."""
    facts = domain_facts(model.parameters)
    with assuming(facts):
        setting, reading, equation = _equation_alone(model, facts)
        return with_branch(law_alone(setting, reading.r_transform, equation)[0], reading)


def equation_of(model: Model) -> sp.Expr:
    """The polynomial in G and z alone, in canonical form; certified as in `law_of`."""
    facts = domain_facts(model.parameters)
    with assuming(facts):
        return _equation_alone(model, facts)[2]


def branch_of(model: Model) -> Algebraic:
    """The equation as of `equation_of`, with the mean where several of its branches have G ~ 1/z."""
    facts = domain_facts(model.parameters)
    with assuming(facts):
        _, reading, equation = _equation_alone(model, facts)
        law = with_branch(Algebraic(equation), reading)
        assert isinstance(law, Algebraic)
        return law


def _equation_alone(model: Model, facts: tuple[sp.Expr, ...]) -> tuple[Setting, Reading, sp.Expr]:
    setting = _setting(model, facts)
    check_data(model, setting, [])
    if not isinstance(model.expression, Ensemble) or isinstance(model.expression, Sparse):
        raise ModelError(
            f"{model.title!r} has no algebraic law on the real line, being sparse or of complex eigenvalues; "
            "derive(model) gives the equations of its law, and its generated module evaluates it"
        )
    if without_cauchy(model.expression, facts)[1] != 0:
        raise ModelError(
            f"{model.title!r} has a Cauchy part and no moments: only `derive` tells its law, which is "
            "that of the rest at z + i times the scale"
        )
    reading = _read(model, setting)
    return setting, reading, canonical_of(setting.ring, reading.equation)


def domain_facts(parameters: tuple[Parameter, ...]) -> tuple[sp.Expr, ...]:
    """What holds on the interior of the domains beyond the symbols' own assumptions, as expressions > 0."""
    facts: list[sp.Expr] = []
    for parameter in parameters:
        interval, symbol = parameter.interval, parameter.symbol
        if interval.low is not None and not (interval.low == 0 and symbol.is_positive):
            facts.append(symbol - sp.Rational(interval.low.numerator, interval.low.denominator))
        if interval.high is not None and not (interval.high == 0 and symbol.is_negative):
            facts.append(sp.Rational(interval.high.numerator, interval.high.denominator) - symbol)
    return tuple(facts)


def check_data(model: Model, setting: Setting, limits: list[str]) -> None:
    """The data of all nodes satisfy their `conditions` on the interior of the domain, or the model is
    refused. What is undecided is said."""
    for node in model.expression.walk():
        for name, value in node.data:
            what = f"{name} of {type(node).__name__}"
            try:
                setting.fraction(value)
            except NotRational as error:
                raise ModelError(
                    f"{what} is {value}, but the derivation needs rational functions of the parameters with "
                    "rational coefficients; declare a root as the parameter itself and write out decimals"
                ) from error
            except ZeroDivisionError as error:
                raise ModelError(f"{what} is {value}, which divides by 0") from error
        for condition in conditions(node):
            _check(condition, setting, limits)
        if isinstance(node, Inverse):
            _check_ends(node, setting)


def _setting(model: Model, facts: tuple[sp.Expr, ...]) -> Setting:
    """The setting for reading a model, with the ends that belong to its parameters' domains."""
    ends: list[tuple[sp.Symbol, sp.Rational]] = []
    for parameter in model.parameters:
        domain = parameter.interval
        for end, closed in ((domain.low, domain.closed_low), (domain.high, domain.closed_high)):
            if closed and end is not None:
                ends.append((parameter.symbol, sp.Rational(end.numerator, end.denominator)))
    return setting_of(model.expression, (p.symbol for p in model.parameters), facts, tuple(ends))


def _check_ends(node: Inverse, setting: Setting) -> None:
    """0 lies outside the spectrum of what is inverted at the ends that belong to a domain, too."""
    found = end_at_zero(node.ensemble, setting.ends, setting.facts)
    if found is not None:
        place = ", ".join(f"{symbol} = {value}" for symbol, value in found.items())
        raise ModelError(
            f"the inverse of {type(node.ensemble).__name__} needs a spectrum bounded away from 0, which its "
            f"bounds do not show at {place}, an end that belongs to the domain; write the domain open there, "
            "or shift the matrix"
        )


def _check(condition: Condition, setting: Setting, limits: list[str]) -> None:
    what, value = condition.what, condition.expression
    sign = constant_sign(value, where=setting.facts)
    if sign is None:
        limits.append(
            f"it is undecided whether {what}, {value}, keeps its sign on the domain of the parameters"
        )
    elif condition.wanted == "nonzero":
        if sign == 0:
            raise ModelError(f"{what} is {value}, which vanishes somewhere in the domain of the parameters")
    elif sign in (0, -1) and not (
        condition.wanted == "nonnegative" and setting.show(setting.fraction(value)) == 0
    ):
        how = "negative" if sign == -1 else "not positive everywhere"
        must = "positive" if condition.wanted == "positive" else "0 or more"
        raise ModelError(
            f"{what} is {value}, which is {how} on the domain of the parameters; it must be {must}"
        )


def _read(model: Model, setting: Setting) -> Reading:
    reading = read(model.expression, "H", setting)
    if setting.ring.degree(reading.relation, g) < 1:
        raise ModelError(f"{model.title!r} is a multiple of the identity; it has no density")
    if setting.ring.degree(reading.equation, G) < 2:
        raise ModelError(f"{model.title!r} has a finite spectrum; it has no density")
    return reading


def _equation(setting: Setting, reading: Reading, equation: sp.Expr) -> Section:
    """The step to the polynomial in (G, z), in canonical form."""
    value = reading.r_transform
    certificates: list[Any] = [Irreducible(equation, (G, z))]
    rule = (
        "g = G and R = z - 1/G in the law's relation, cleared of denominators: primitive over the integers."
    )
    displays: tuple[Any, ...] = (sp.Eq(equation, 0, evaluate=False),)
    if value is not None:
        rule = "z = R(G) + 1/G, cleared of denominators: primitive over the integers, constant term negative."
        inserted = setting.show(setting.value(value, {g: setting.fraction(G)})) + 1 / G
        certificates.insert(0, Identity(equation.subs(z, inserted)))
        displays = (sp.Eq(sp.Function(f"R_{reading.label}")(G) + 1 / G, z, evaluate=False), *displays)
    step = Step("The equation in G and z", rule, displays, Together(tuple(certificates)), f"{PB17}, eq. 13")
    return Section("Equation", (step,))


def _sourced(model: Model, section: Section) -> Section:
    """The section, naming places of the paper on the Hessian models for that paper's models alone.

    What it prints about these is general as a rule; another model's reader would look for it in vain.
    """
    if model.source is not None and model.source.work == PB17:
        return section
    steps = (step.without_source() if step.source.startswith(PB17) else step for step in section.steps)
    return Section(section.title, tuple(steps))


def _analyses() -> tuple[Analysis, ...]:
    """The sections that follow the law, in the order of the page."""
    from .analysis import (
        atom_at_zero,
        crossover,
        degenerate,
        distribution,
        edges,
        fuss_catalan,
        multiplicative_outliers,
        outliers,
        residual_density,
        series,
        symmetries,
        transitions,
    )
    from .analysis import critical_energy as critical

    return (
        edges.edges,
        atom_at_zero.atom_at_zero,
        fuss_catalan.fuss_catalan,
        series.moments_section,
        residual_density.explicit_density,
        distribution.distribution_function,
        critical.critical_energy,
        crossover.crossover,
        transitions.transitions,
        degenerate.degenerate,
        outliers.outliers,
        multiplicative_outliers.multiplicative_outliers,
        symmetries.symmetries,
    )


def _title(analysis: Analysis) -> str:
    return analysis.__name__.replace("_", " ")


def _stated(model: Model, context: Context, limits: list[str]) -> list[Section]:
    steps: list[Step] = []
    for item in model.stated:
        try:
            steps.append(compare(model, item, context))
        except Undecided as undecided:
            limits.append(f"the {item.what} as printed in {item.source} was not compared: {undecided}")
    return [Section("As printed", tuple(steps))] if steps else []
