// A law as its readers see it: density, distribution function, index, bands, atom, critical energy.

// (t - sin t cos t) / sin(t)^2, odd; its numerator from the series where t is small. Sine and cosine are given,
// as they lose their digits near t = pi.
function excess(t, sine, cosine) {
  if (Math.abs(t) > 0.5) return (t - sine * cosine) / (sine * sine);
  let term = (2 / 3) * t ** 3; // t - sin(2 t) / 2 = sum_n (-1)^(n + 1) (2 t)^(2 n + 1) / (2 (2 n + 1)!)
  let total = 0;
  for (let n = 4; Math.abs(term) > 2 ** -60 * Math.abs(total); n += 2) {
    total += term;
    term *= (-4 * t * t) / (n * (n + 1));
  }
  return total === 0 ? 0 : total / (sine * sine);
}

// The masses to the left and right of the point of the curve, each a sum of positive terms (Laisant's
// antiderivative of the inverse function): with a = arg(-G), t_j = arg(1 - p_j G), k = excess,
//
//     pi cdf = sum_j c_j v^2 / (|w|^2 |w - p_j|^2) [k(a) - k(t_j)],    t_j = 0 for a Wigner part,
//     pi sf  = the same with k(pi - a) + k(t_j).
function masses(law, { u, v, offsets }) {
  const norm = Math.hypot(u, v);
  const left = u < 0;
  // a on the left, pi - a on the right: the smaller of the two.
  const first = excess(Math.atan2(v, Math.abs(u)), v / norm, Math.abs(u) / norm);
  let mass = 0;
  law.jumps.forEach((jump, j) => {
    const d = offsets[j];
    const both = norm * Math.hypot(d, v);
    const share = law.weights[j] * (v / both) ** 2;
    const [sine, cosine] = [(law.poles[j] * v) / both, (u * d + v * v) / both];
    const second = jump.rate === null ? 0 : excess(Math.atan2(sine, cosine), sine, cosine);
    mass += share * (left ? first - second : first + second);
  });
  mass /= Math.PI;
  return left ? { cdf: mass, sf: 1 - mass } : { cdf: 1 - mass, sf: mass };
}

// The distribution function left of the pole (or edge) at w, on the side of w = 0 that `negative` says:
// sum_{p < w} lambda for w < 0 and 1 - sum_{p > w} lambda for w > 0.
function level(law, w, negative) {
  const rates = law.rates.filter((_, j) => law.jumps[j].pole.hi < w === negative);
  return negative ? value(sum(rates)) : value(minus(1, sum(rates)));
}

// The mass of (-oo, x], or of (-oo, x) if `strictly`, for x outside the bands.
function levelAt(law, x, strictly) {
  const before = law.bands.filter((band) => compare(band.right.place, x) <= 0).length;
  const left = before > 0 ? law.bands[before - 1].right.w : -Infinity;
  const right = before < law.bands.length ? law.bands[before].left.w : Infinity;
  // The atom, at w = 0, divides its gap.
  const side = law.atom !== null && left <= 0 && right >= 0 ? compare(x, law.place) : null;
  return level(law, right, side === null ? right <= 0 : side < 0 || (side === 0 && strictly));
}

// Whether the density is infinite at x.
const infiniteAt = (law, x) => infiniteAtZero(law) && compare(x, law.place) === 0;

// A law with its parameters fixed. `coefficients` are those that a model emits.
class Law {
  constructor(coefficients) {
    this.law = prepare(coefficients);
    // Bands as pairs of numbers, ascending; the atom as { place, mass } or null.
    this.bands = this.law.bands.map((band) => [value(band.left.place), value(band.right.place)]);
    this.atom = this.law.atom && { place: value(this.law.atom.place), mass: this.law.atom.mass };
    this.mean = value(this.law.mean);
    this.variance = value(sum(this.law.jumps.map((jump) => jump.weight)));
  }

  // The band that has x in its interior, or null.
  bandAt(x) {
    const inside = (band) => compare(band.left.place, x) < 0 && compare(x, band.right.place) < 0;
    return this.law.bands.find(inside) ?? null;
  }

  // Density of the continuous part at x.
  density(x) {
    if (Number.isNaN(x)) return NaN;
    if (infiniteAt(this.law, x)) return Infinity;
    const band = this.bandAt(x);
    if (band === null) return 0;
    const { u, v } = curveAt(this.law, band, x);
    return v / (Math.PI * (u * u + v * v));
  }

  // Masses of (-oo, x] and of (x, oo).
  masses(x) {
    if (Number.isNaN(x)) return { cdf: NaN, sf: NaN };
    const band = this.bandAt(x);
    if (band !== null && !infiniteAt(this.law, x)) return masses(this.law, curveAt(this.law, band, x));
    const cdf = band === null ? levelAt(this.law, x, false) : level(this.law, 0, true);
    return { cdf, sf: 1 - cdf };
  }

  // Points { x, density } of a picture of the density, a list a band; `coarse` as for `curveOver`.
  curves(coarse) {
    return this.law.bands.map((band) => curveOver(this.law, band, coarse));
  }

  // Mass of the open negative axis.
  get index() {
    return this.bandAt(0) === null ? levelAt(this.law, 0, true) : this.masses(0).cdf;
  }

  // Weight of the atom at 0.
  get massAtZero() {
    return this.atom !== null && this.atom.place === 0 ? this.atom.mass : 0;
  }
}

// Whether a value is in the domain of a parameter.
function inDomain(parameter, x) {
  const { low, high, closedLow, closedHigh } = parameter;
  const above = low === null || (closedLow ? x >= low : x > low);
  const below = high === null || (closedHigh ? x <= high : x < high);
  return Number.isFinite(x) && above && below;
}

// The values of a model's parameters in order; RangeError for one that is missing or outside its domain.
function checked(model, values) {
  return model.parameters.map((parameter) => {
    const x = values[parameter.name] ?? parameter.default;
    if (typeof x === "number" && inDomain(parameter, x)) return x;
    throw new RangeError(`${parameter.name} must be a number in ${parameter.domain}, got ${x}`);
  });
}

// The law of a model at given values, an object by the names of its parameters.
const law = (model, values) => new Law(model.coefficients(...checked(model, values)));

// The parameters on which the critical energy depends.
function others(model, values) {
  checked(model, { ...values, [model.critical.energy]: 1 });
  return model.critical.parameters.map((name) => {
    return values[name] ?? model.parameters.find((parameter) => parameter.name === name).default;
  });
}

// The largest energy without mass on the negative axis; null where the model has none.
function criticalEnergy(model, values) {
  if (model.critical === null) return null;
  const given = others(model, values);
  return model.critical.inside(...given) ? model.critical.value(...given) : 0;
}

// alpha_0 of the law index ~ alpha_0 ((eps - eps_c) / eps_c)^(3/2) just above eps_c; null where there is none.
function indexPrefactor(model, values) {
  if (!model.critical?.prefactor) return null;
  const given = others(model, values);
  return model.critical.inside(...given) ? model.critical.prefactor(...given) : null;
}
