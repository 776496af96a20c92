"""Sections 5.2.2 to 5.3.1 of Pennington & Bahri (2017): residuals, data, weights, structure of J and H1."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...ledger import Claim, Finding, Reading, exact
from ..coincidences import mean, trace
from ..deciding import derivation, every, identical
from ..small_networks import Network, rational_network
from ..walks import gaussian, limit_at_infinity
from .assumptions_matrices import eps, phi
from .beyond_images import STAND_IN
from .preliminaries_hessian import m
from .preliminaries_ratio import covariance_of_gradient, n
from .trained_networks import weights_of_classifiers

t = sp.Symbol("t", real=True)
variance = sp.Symbol("v", positive=True)
NORMAL_DENSITY = sp.exp(-(t**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)


# --- residuals ------------------------------------------------------------------------------------


@exact
def mean_loss(formula: Any) -> Finding:
    """The variance of normal residuals for which the mean of the loss (2) is n2 eps."""
    square = sp.integrate(t**2 * NORMAL_DENSITY, (t, -sp.oo, sp.oo)).subs(variance, formula)
    fourth = sp.integrate(t**4 * NORMAL_DENSITY, (t, -sp.oo, sp.oo)).subs(variance, formula)
    outputs = sp.Symbol("n_2", positive=True)
    same = identical(outputs * m * square / (2 * m), outputs * eps, what="the mean of the loss and n_2 eps")
    spread = sp.factor((fourth - square**2) / (4 * m * outputs))
    return every(same, Finding(True, f"the energy of one draw has the variance {spread}, so it tends to eps"))


@exact
def log_likelihood(formula: Any) -> Finding:
    """A loss of one residual t: minus the logarithm of the normal density is a multiple and a constant."""
    slope = sp.diff(sp.expand_log(-sp.log(NORMAL_DENSITY)), t)
    ratio = sp.cancel(slope / sp.diff(formula, t))
    return Finding(not ratio.has(t), f"its slope over that of the loss is {ratio}")


# --- data -----------------------------------------------------------------------------------------


@exact
def whitened(formula: Any) -> Finding:
    """(variance, covariance, fourth moment) of features after whitening.

    Any data with a nonsingular covariance C = L L', whitened by the inverse of L; and signs mixed by a
    triangular matrix, which whitening turns into signs again.
    """
    own, other, fourth = map(sp.sympify, formula)
    data = sp.Matrix([[3, -1, 0, 2, -4], [1, 1, -2, 5, -5], [0, 2, 2, -1, -3]])
    covariance = data * data.T / data.cols
    after = covariance.cholesky().inv() * data
    gram = (after * after.T / data.cols).applyfunc(sp.nsimplify)
    found = [
        identical(
            own if i == j else other, gram[i, j], what=f"covariance ({i + 1}, {j + 1}) of whitened data"
        )
        for i in range(3)
        for j in range(3)
    ]
    signs = sp.Matrix([[1, 1, -1, -1], [1, -1, 1, -1]])  # each pair of signs once: the whole law
    mixed = sp.Matrix([[2, 0], [-3, 5]]) * signs
    back = (mixed * mixed.T / 4).cholesky().inv() * mixed
    moment = sum(value**4 for value in back) / 8
    kept = identical(fourth, moment, what="fourth moment of whitened signs (3 for a normal variable)")
    whole = every(*found, kept)
    if not whole.holds:
        return whole
    return Finding(
        True,
        "integer data whitened exactly: the covariance is the identity, and so x x'/m is the identity for "
        "the very examples that were whitened, whereas normal data spread it over the Marchenko-Pastur "
        "law; mixed signs become signs again, with the fourth moment 1",
    )


@exact
def projected(formula: Any) -> Finding:
    """(of independent features, of normal ones times a common random scale): the excess kurtosis kept.

    The share that a random projection of n features keeps on average. A direction u = w/|w|, w normal, gives
    the excess sum u_i^4 times that of an independent feature; |w| and u are independent, so E sum u_i^4 =
    E sum w_i^4 / E |w|^4. Features s z_i, z normal and s one random factor, are uncorrelated; u.z is normal.
    """
    independent, scaled = formula
    word = trace("w' w w' w", {"w": ("row", "one")})
    whole = mean(word, {"row": n, "one": sp.S.One}, {"w": gaussian(sp.S.One)})
    kept = 3 * n / whole
    u, z = sp.symbols("u1:4"), sp.symbols("z1:4")
    fourth = sp.Poly(sum(a * b for a, b in zip(u, z, strict=True)) ** 4, *z)
    moment = {0: 1, 1: 0, 2: 1, 3: 0, 4: 3}  # of a normal variable
    along = sum(c * sp.prod([moment[power] for power in powers]) for powers, c in fourth.terms())
    along = sp.expand(sp.expand(along).subs(u[2], sp.sqrt(1 - u[0] ** 2 - u[1] ** 2)))
    s2, s4 = sp.symbols("s_2 s_4", positive=True)  # moments of the scale
    excess = (along * s4 - 3 * s2**2) / (3 * s4 - 3 * s2**2)
    return every(
        identical(independent, kept, what="E sum u_i^4"),
        Finding(limit_at_infinity(kept, n) == 0, "it vanishes as n grows"),
        identical(scaled, sp.cancel(excess), what="the share kept where features have a common random scale"),
    )


# --- structure ------------------------------------------------------------------------------------


@exact
def structure(formula: Any) -> Finding:
    """(zeros in J, zeros in H1, kappa_4/kappa_2^2 of H1): shares of entries that vanish whatever the weights.

    Square networks with positive weights and data, so that every unit is active and no other entry of J is 0.
    Independent entries would give H1 the semicircle law, all of whose free cumulants beyond the second are 0.
    """
    in_jacobian, in_second, cumulant = map(sp.sympify, formula)
    for size in (2, 3):
        network = rational_network(size, size, size, 2 * size + 1)
        network = Network(
            network.first.applyfunc(abs),
            network.second.applyfunc(abs),
            network.inputs.applyfunc(abs),
            network.targets,
        )
        for what, stated, matrix in (
            ("J", in_jacobian, network.jacobian()),
            ("H1", in_second, network.second_part),
        ):
            share = sp.Rational(sum(value == 0 for value in matrix), len(matrix))
            if stated.subs(n, size) != share:
                return Finding(
                    False, f"n = {size}: the share of zeros in {what} is {share}, not {stated.subs(n, size)}"
                )
    kappa = derivation("relu_residual").closed_forms["free_cumulants"](4)
    same = identical(cumulant, kappa[3] / kappa[1] ** 2, what="kappa_4/kappa_2^2 of the law (28)")
    text = (
        "square networks of 2 and 3 units, every unit active, rational arithmetic: the shares of zeros agree"
    )
    return every(Finding(True, text), same)


CLAIMS = (
    Claim(
        id="pb17/sec-5.2.2-energy",
        statement=r"$e_{i\mu} \sim \mathcal{N}(0, 2\epsilon)$ is consistent with the definition of the "
        r"energy $\epsilon$ in (2).",
        place="section 5.2.2",
        readings=(Reading(r"with this variance the mean of the loss is $n_2 \epsilon$", 2 * eps),),
        checks=(mean_loss,),
        uses=("pb17/eq-2",),
    ),
    Claim(
        id="pb17/sec-5.2.2-gradient",
        statement=r"The gradient of the loss is proportional to the residuals and vanishes in expectation, "
        r"i.e. as $m \to \infty$.",
        place="section 5.2.2",
        readings=(
            Reading(
                r"the norm of the gradient vanishes in the limit of section 2, $m$ and $n = \phi m / 2$ "
                r"growing",
                (0, 2 * eps / m, 2 * n**2),
            ),
            Reading(
                r"the mean is 0, and each of the $2 n^2$ components vanishes in mean square as $m$ grows",
                (0, 2 * eps / m, 1),
            ),
        ),
        checks=(covariance_of_gradient,),
        conditions=r"residuals independent of $J$; the norm does not vanish at fixed $\phi$: at "
        r"initialisation $\mathbf{E} |\nabla \mathcal{L}|^2 = 2 \phi\, n \epsilon$, $2\phi$ times the "
        r"loss, so such a point is not "
        "critical"
        "; the covariance is decided for two networks",
        uses=("pb17/eq-2", "pb17/eq-3"),
        planted=((1, 2 * eps / m, 1), (0, 3 * eps / m, 1), (0, 2 * eps / m**2, 1), (0, 2 * eps / m, n)),
    ),
    Claim(
        id="pb17/sec-5.2.2-prior",
        statement="Normal residuals are consistent with the priors leading to the choice of the squared "
        "error loss.",
        place="section 5.2.2",
        readings=(Reading("the squared error is the negative log-likelihood of normal residuals", t**2),),
        checks=(log_likelihood,),
        conditions="up to a factor and a constant",
    ),
    Claim(
        id="pb17/sec-5.2.3-whitening",
        statement="That the data are i.i.d. normal is almost never strictly satisfied, but approximately "
        "enforced by common preprocessing methods, such as whitening.",
        place="section 5.2.3",
        readings=(
            Reading("whitened features are uncorrelated, of variance 1 and of fourth moment 3", (1, 0, 3)),
            Reading(
                "whitened features are uncorrelated and of variance 1, their law may stay what it is",
                (1, 0, 1),
            ),
        ),
        checks=(whitened,),
        conditions="for first and second moments only; where the $m$ examples themselves are whitened, $x "
        "x^T / m$ is exactly the identity, unlike that of i.i.d. normal data"
        "; decided for one set of data and for one law of signs",
    ),
    Claim(
        id="pb17/sec-5.2.3-projections",
        statement="Random projections approximately enforce that the data are i.i.d. normal.",
        place="section 5.2.3",
        readings=(
            Reading(
                "of any uncorrelated features: a random projection of $n$ of them keeps the share "
                "$3/(n+2)$ of their excess kurtosis on average",
                (3 / (n + 2), 3 / (n + 2)),
            ),
            Reading(
                "of independent features: the share kept is $3/(n+2)$; where examples differ by a random "
                "scale, $x = s z$, it is 1 whatever $n$",
                (3 / (n + 2), sp.Integer(1)),
            ),
        ),
        checks=(projected,),
        conditions="for a large number of features that are nearly independent of each other; the excess "
        "kurtosis stands for the distance from the normal law. Differences of scale between examples stay",
    ),
    Claim(
        id="pb17/sec-5.2.4-weights",
        statement="The i.i.d. assumption is violated for a network that has learned any useful "
        "information, but the weight distributions of trained networks often appear random, and sometimes "
        "normal.",
        place="section 5.2.4",
        readings=(
            Reading(
                "of classifying networks the entries of $W^{(1)}$ are not told from normal ones by their "
                "excess kurtosis (0), those of $W^{(2)}$ are skewed (+1), and "
                "$|W^{(2)} W^{(1)}|$ is smaller than for the same entries in random order (-1): they are not "
                "independent",
                (0, 1, -1),
            ),
        ),
        checks=(weights_of_classifiers,),
        conditions=f"{STAND_IN}, at 8 x 8; 50 hidden units, the network of figure S1. It began with normal "
        "weights, and training moved $W^{(1)}$ by a quarter of its norm",
        planted=((1, 1, -1), (0, 0, -1), (0, 1, 0), (0, 1, 1)),
    ),
    Claim(
        id="pb17/sec-5.3.1-structure",
        statement="Both $J$ and $H_1$ have substructure which violates the independence requirement for the "
        "universality results to apply.",
        place="section 5.3.1",
        readings=(
            Reading(
                r"the shares $\frac{n-1}{2n}$ of the entries of $J$ and $1 - \frac{1}{2n}$ of those of "
                r"$H_1$ are 0 whatever the weights, and the law (28) of $H_1$ has $\kappa_4 / \kappa_2^2 = "
                r"\phi$, where "
                "independent entries give 0",
                ((n - 1) / (2 * n), 1 - 1 / (2 * n), phi),
            ),
        ),
        checks=(structure,),
        conditions="square ReLU networks; the shares are counted at widths 2 and 3",
        uses=("pb17/eq-3", "pb17/eq-23", "pb17/eq-28", "pb17/sec-5.1-wigner"),
        steps=(("relu_residual", "free cumulants"),),
    ),
)
