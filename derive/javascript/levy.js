// A free Levy law with finitely many jumps, prepared: jumps in order, edges, bands, gaps, atom.
//
//     R(g) = m + sum_j c_j g / (1 - p_j g),    w = 1/G,
//     H(w) = w + m + sum_j c_j / (w - p_j) = z,    Phi(w) = sum_j c_j / (w - p_j)^2 = 1 - H'(w).
//
// H rises on the real axis where Phi < 1; it maps these intervals onto the complement of the bands. Phi is
// convex between neighbouring poles, so there they are at most one interval each, and one on either side
// of all poles: every edge is bracketed.

// Jumps with positive weight, ascending, equal poles merged; places and weights are double-double.
// `from`: which of the coefficients' jumps they are.
function jumpsOf(coefficients) {
  const found = coefficients.poles
    .map((pole, j) => ({
      pole: pair(pole),
      weight: pair(coefficients.weights[j]),
      rate: coefficients.rates[j] === null ? null : pair(coefficients.rates[j]),
      from: [j],
    }))
    .filter((jump) => jump.weight.hi > 0)
    .sort((a, b) => compare(a.pole, b.pole));
  const jumps = [];
  for (const jump of found) {
    const last = jumps[jumps.length - 1];
    if (last && Math.abs(value(minus(jump.pole, last.pole))) <= 2 ** -95 * Math.abs(jump.pole.hi)) {
      last.from.push(...jump.from);
      last.weight = plus(last.weight, jump.weight);
      last.rate = last.rate === null || jump.rate === null ? null : plus(last.rate, jump.rate);
    } else jumps.push(jump);
  }
  return jumps;
}

// The exact expansion of H around the double w0, where a_j = w0 - p_j:
//
//     H(w0 + s) - H(w0) = slope s + bend s^2 - s^3 sum_j e_j / (a_j + s),    e_j = c_j / a_j^3.
//
// Its coefficients are accurate however small they are: at an edge the slope vanishes, at a cusp the bend too.
function centre(law, w0) {
  const offsets = law.jumps.map((jump) => minus(w0, jump.pole));
  const terms = (k) => law.jumps.map((jump, j) => over(jump.weight, power(offsets[j], k)));
  const singular = w0 === 0 && !law.wigner;
  const place = singular ? law.place : plus(plus(w0, law.mean), sum(terms(1)));
  const slope = singular ? law.defect : minus(1, sum(terms(2)));
  const exact = { slope, bend: sum(terms(3)), offsets, cubics: terms(3) };
  return {
    w: w0,
    place,
    exact,
    slope: value(slope),
    bend: value(exact.bend),
    offsets: offsets.map(value),
    cubics: exact.cubics.map(value),
  };
}

// H(w0 + s) in double-double for real s.
function placeAt(at, s) {
  const { slope, bend, offsets, cubics } = at.exact;
  const q = sum(cubics.map((e, j) => over(e, plus(offsets[j], s))));
  return plus(at.place, times(s, plus(slope, times(s, minus(bend, times(s, q))))));
}

// H' and H'' at w0 + s for real s.
function slopeAt(at, s) {
  let [q0, q1, q2] = [0, 0, 0];
  at.offsets.forEach((a, j) => {
    const r = 1 / (a + s);
    q0 += at.cubics[j] * r;
    q1 += at.cubics[j] * r * r;
    q2 += at.cubics[j] * r * r * r;
  });
  return {
    slope: at.slope + s * (2 * at.bend - s * (3 * q0 - s * q1)),
    bend: 2 * at.bend - s * (6 * q0 - s * (6 * q1 - 2 * s * q2)),
  };
}

// The zero of f, of which f(low) and f(high) have different signs: Newton's method where its steps keep halving
// and stay in the bracket, bisection otherwise. f returns [value, derivative].
function zeroBetween(f, low, high) {
  const rising = f(high)[0] > 0;
  let step = high - low;
  let x = low + step / 2;
  for (let i = 0; i < 200; i++) {
    const [y, slope] = f(x);
    if (y === 0) return x;
    if (y > 0 === rising) high = x;
    else low = x;
    const newton = -y / slope;
    if (x + newton > low && x + newton < high && 2 * Math.abs(newton) < Math.abs(step)) step = newton;
    else step = low + (high - low) / 2 - x;
    x += step;
    if (Math.abs(step) <= 2 ** -53 * Math.abs(x)) return x;
  }
  return x;
}

// Distances from the pole `from` to all poles.
const distances = (law, from) => law.jumps.map((jump) => value(minus(law.jumps[from].pole, jump.pole)));

// 1 - Phi^(-1/2) at a distance d from the pole `from`, to the left or right: nearly linear in d.
function levelFrom(law, from, side) {
  const places = distances(law, from);
  return (d) => {
    let [phi, slope] = [0, 0];
    for (let j = 0; j < places.length; j++) {
      const r = 1 / (places[j] + side * d);
      phi += law.weights[j] * r * r;
      slope -= 2 * law.weights[j] * r * r * r;
    }
    const root = Math.sqrt(phi);
    return [1 - 1 / root, (side * slope) / (2 * phi * root)];
  };
}

// The point between the poles j and j + 1 where Phi is least, from p_j: the cubes c / |w - p|^3 of both sides
// balance there, and their inverse cube roots are nearly linear.
function leastFrom(law, j, width) {
  const places = distances(law, j);
  const symmetric = places.length === 2 && compare(law.jumps[0].weight, law.jumps[1].weight) === 0;
  if (symmetric) return width / 2;
  const balance = (d) => {
    const cubes = [0, 0];
    const fourths = [0, 0];
    for (let i = 0; i < places.length; i++) {
      const r = 1 / Math.abs(places[i] + d);
      const cube = law.weights[i] * r * r * r;
      cubes[+(i > j)] += cube;
      fourths[+(i > j)] += cube * r;
    }
    const [f, g] = [Math.cbrt(1 / cubes[0]), Math.cbrt(1 / cubes[1])];
    return [f - g, (f / cubes[0]) * fourths[0] + (g / cubes[1]) * fourths[1]];
  };
  return zeroBetween(balance, 0, width);
}

// The interval between the poles j and j + 1 on which Phi < 1 as two edges, or null; `neck` is the expansion
// where Phi is least, whether the interval exists or not.
function between(law, j) {
  const width = value(minus(law.jumps[j + 1].pole, law.jumps[j].pole));
  const w0 = value(plus(law.jumps[j].pole, leastFrom(law, j, width)));
  const neck = centre(law, Math.abs(w0) <= 2 ** -60 * width ? 0 : w0);
  neck.slope = value(snapped(neck.slope, 1));
  if (!(neck.slope > 0)) return { neck, gap: null };
  return { neck, gap: [edgeBeside(law, neck, j, -1), edgeBeside(law, neck, j + 1, 1)] };
}

// The edge between a neck and the pole on one side of it. Where the gap is narrow its coordinate begins at the
// neck, and so does its place.
function edgeBeside(law, neck, pole, side) {
  if (neck.slope > 1e-3) {
    const far = Math.abs(value(minus(neck.w, law.jumps[pole].pole)));
    const d = zeroBetween(levelFrom(law, pole, -side), 0, far);
    return edgeAt(law, value(plus(law.jumps[pole].pole, -side * d)));
  }
  const cubic = neck.cubics.reduce((total, e, j) => total + e / neck.offsets[j], 0);
  return edgeFrom(law, neck, side * Math.sqrt(neck.slope / (3 * cubic)));
}

// The edge at w; close to 0 in coordinates that begin there, as H(0) and the defect are exact.
function edgeAt(law, w) {
  if (!law.wigner && law.jumps.every((jump) => Math.abs(w) < 0.01 * Math.abs(jump.pole.hi))) {
    return edgeFrom(law, centre(law, 0), w);
  }
  const at = centre(law, w);
  return { w, place: at.place, centre: at };
}

// The edge near w0 + s, polished in the coordinate s of an expansion, from which its place keeps its distance.
function edgeFrom(law, at, s) {
  for (let i = 0; i < 8; i++) {
    const { slope, bend } = slopeAt(at, s);
    if (bend !== 0) s -= slope / bend;
  }
  const place = placeAt(at, s);
  return { w: at.w + s, place, centre: { ...centre(law, at.w + s), place } };
}

// Where the sum of rates is 1 and there is no Wigner part, w = 0 solves Phi = 1 exactly: the edge is H(0).
function withHardEdge(law, edges) {
  if (law.wigner || law.defect.hi !== 0 || edges.length === 0) return;
  const zero = centre(law, 0);
  if (zero.bend === 0) return; // a cusp, no edge
  const nearest = edges.reduce((a, b) => (Math.abs(b.w) < Math.abs(a.w) ? b : a));
  Object.assign(nearest, { w: 0, place: zero.place, centre: zero });
}

// H(0) and 1 - (sum of rates) of a law without a Wigner part: as the coefficients have them, in a form that is
// accurate where they nearly vanish, or from the jumps, with what is only rounding taken as 0.
function atZero(coefficients, law) {
  const own = law.jumps.flatMap((jump) => jump.from).sort((a, b) => a - b);
  const emitted = coefficients.at_zero.find(([set]) => String(set) === String(own));
  if (emitted) return emitted[1].map(pair);
  const places = law.jumps.map((jump) => negative(over(jump.weight, jump.pole)));
  const scale = places.reduce((total, place) => total + Math.abs(place.hi), Math.abs(law.mean.hi));
  const rates = sum(law.rates);
  return [snapped(plus(law.mean, sum(places)), scale), snapped(minus(1, rates), 1 + rates.hi)];
}

// The law of R(g) with these coefficients:
//
//     jumps          [{ pole, weight, rate }], ascending; poles and weights are there as doubles too
//     place, defect  H(0) and 1 - (sum of rates), null with a Wigner part
//     bands          [{ left, right }] of edges { w, place, centre }
//     atom           { place, mass } or null
//     centres        expansions from which the curve is solved
function prepare(coefficients) {
  const jumps = jumpsOf(coefficients);
  const wigner = jumps.some((jump) => jump.rate === null);
  const mean = pair(coefficients.mean);
  const rates = jumps.map((jump) => jump.rate ?? pair(0));
  const poles = jumps.map((jump) => value(jump.pole));
  const weights = jumps.map((jump) => value(jump.weight));
  const law = { jumps, poles, weights, wigner, mean, rates };
  [law.place, law.defect] = wigner ? [null, null] : atZero(coefficients, law);

  const last = jumps.length - 1;
  const edges = [];
  const necks = [];
  if (last >= 0) {
    const total = Math.sqrt(weights.reduce((all, weight) => all + weight));
    const outer = (from, side) => {
      const least = Math.sqrt(weights[from]);
      // A lone pole's edge is at the square root of its weight itself.
      const d =
        last === 0 ? sqrt(jumps[0].weight) : zeroBetween(levelFrom(law, from, side), least / 2, 2 * total);
      return edgeAt(law, value(plus(jumps[from].pole, times(side, d))));
    };
    edges.push(outer(0, -1));
    for (let j = 0; j < last; j++) {
      const { neck, gap } = between(law, j);
      necks.push(neck);
      if (gap) edges.push(...gap);
    }
    edges.push(outer(last, 1));
    withHardEdge(law, edges);
  }
  law.bands = [];
  for (let i = 0; i < edges.length; i += 2) law.bands.push({ left: edges[i], right: edges[i + 1] });
  law.centres = [...edges.map((edge) => edge.centre), ...necks];
  if (!wigner && last >= 0) law.centres.push(centre(law, 0));
  law.atom = !wigner && law.defect.hi > 0 ? { place: law.place, mass: value(law.defect) } : null;
  return law;
}
