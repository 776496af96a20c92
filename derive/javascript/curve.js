// The curve w = u + i v over a band: Im H = 0 there, that is sum_j c_j / ((u - p_j)^2 + v^2) = 1, which has one
// v > 0 for every u between the two edges; x = Re H rises with u, and the density is v / (pi |w|^2).

// v at u; 0 outside the bands.
function heightAt({ poles, weights }, u) {
  // The inverse of the sum is concave in v^2, so Newton's method rises to its solution from any lower bound.
  let square = 0;
  for (let j = 0; j < poles.length; j++) square = Math.max(square, weights[j] - (u - poles[j]) ** 2);
  for (let i = 0; i < 60; i++) {
    let first = 0;
    let second = 0;
    for (let j = 0; j < poles.length; j++) {
      const r = 1 / ((u - poles[j]) ** 2 + square);
      first += weights[j] * r;
      second += weights[j] * r * r;
    }
    const step = first === Infinity ? 0 : (first * (first - 1)) / second;
    if (!(step > 2 ** -52 * square)) break;
    square += step;
  }
  return Math.sqrt(square);
}

// The curve over u as { u, v, x, density }, in plain doubles: made for drawing.
function curvePoint(law, u) {
  if (u === 0 && infiniteAtZero(law)) return { u, v: 0, x: value(law.place), density: Infinity };
  const v = heightAt(law, u);
  let x = u + law.mean.hi;
  for (let j = 0; j < law.poles.length; j++) {
    const d = u - law.poles[j];
    x += (law.weights[j] * d) / (d * d + v * v);
  }
  return { u, v, x, density: v / (Math.PI * (u * u + v * v)) };
}

// Whether w = 0 is on the curve; over H(0) the density is infinite then.
const infiniteAtZero = (law) => !law.wigner && law.jumps.length > 0 && law.defect.hi === 0;

// The curve over a band from edge to edge as points in order, for a picture: steps are halved while
// `coarse(before, middle, after)` says that the middle point is not where a straight line would have it.
function curveOver(law, band, coarse) {
  const end = (edge) => ({
    u: edge.w,
    v: 0,
    x: value(edge.place),
    density: edge.w === 0 ? Infinity : 0,
  });
  // Between these points the curve may change its scale: poles, where Phi is least, and w = 0.
  const marks = [0, ...law.poles, ...law.centres.map((at) => at.w)];
  const inside = marks.filter((u) => u > band.left.w && u < band.right.w);
  const places = [band.left.w, ...new Set(inside.sort((a, b) => a - b)), band.right.w];
  const points = [end(band.left)];
  const refine = (before, after, depth) => {
    const middle = curvePoint(law, before.u + (after.u - before.u) / 2);
    if (depth > 0 && (depth > 9 || coarse(before, middle, after))) {
      refine(before, middle, depth - 1);
      refine(middle, after, depth - 1);
    } else points.push(after);
  };
  for (let i = 1; i < places.length; i++) {
    const last = i === places.length - 1;
    // Steps that shrink towards the marks, as the density may end there like a square root.
    const [from, to] = [places[i - 1], places[i]];
    for (let k = 1; k <= 8; k++) {
      const after =
        k === 8 && last
          ? end(band.right)
          : curvePoint(law, from + ((to - from) * (1 - Math.cos((Math.PI * k) / 8))) / 2);
      if (after.x > points[points.length - 1].x) refine(points[points.length - 1], after, 11);
    }
  }
  return points;
}

// The curve at x inside a band, by bisection of u to a part of it.
function curveNear(law, band, x, part) {
  let low = band.left.w;
  let high = band.right.w;
  for (let i = 0; i < 200 && high - low > part * Math.max(Math.abs(low), Math.abs(high)); i++) {
    const middle = low + (high - low) / 2;
    if (curvePoint(law, middle).x < x) low = middle;
    else high = middle;
  }
  return curvePoint(law, low + (high - low) / 2);
}

// The solution s, Im s > 0, of H(w0 + s) - H(w0) = t by Newton's method, or null if it does not converge. As at
// most one solution lies above the real axis, whichever is found there is the one.
function solveFrom(at, t, start) {
  let [x, y] = start;
  for (let i = 0; i < 80; i++) {
    let q0 = [0, 0];
    let q1 = [0, 0];
    at.offsets.forEach((a, j) => {
      const norm = (a + x) ** 2 + y * y;
      const [r, m] = [(a + x) / norm, -y / norm];
      q0 = [q0[0] + at.cubics[j] * r, q0[1] + at.cubics[j] * m];
      q1 = [q1[0] + at.cubics[j] * (r * r - m * m), q1[1] + 2 * at.cubics[j] * r * m];
    });
    // f = s (slope + s (bend - s q0)) - t,  f' = slope + s (2 bend - s (3 q0 - s q1))
    const s = [x, y];
    const inner = product(s, [at.bend - product(s, q0)[0], -product(s, q0)[1]]);
    const whole = product(s, [at.slope + inner[0], inner[1]]);
    const sq1 = product(s, q1);
    const bends = product(s, [3 * q0[0] - sq1[0], 3 * q0[1] - sq1[1]]);
    const slopes = product(s, [2 * at.bend - bends[0], -bends[1]]);
    const step = quotient([whole[0] - t, whole[1]], [at.slope + slopes[0], slopes[1]]);
    x -= step[0];
    y -= step[1];
    if (!Number.isFinite(x + y)) return null;
    if (y < 0) y = -y / 2;
    const size = Math.hypot(step[0], step[1]);
    // Towards a real solution y falls as fast as the steps do.
    if (size <= 2 ** -50 * Math.hypot(x, y)) return y > 0 && size <= 2 ** -40 * y ? [x, y] : null;
  }
  return null;
}

const product = (a, b) => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];

function quotient(a, b) {
  const norm = b[0] * b[0] + b[1] * b[1];
  return [(a[0] * b[0] + a[1] * b[1]) / norm, (a[1] * b[0] - a[0] * b[1]) / norm];
}

// The point of the curve at x inside a band: { u, v, offsets: w - p_j }, v relatively accurate up to the edges.
function curveAt(law, band, x) {
  const rough = curveNear(law, band, x, 2 ** -20);
  const nearest = (key) => law.centres.reduce((a, b) => (key(b) < key(a) ? b : a));
  const at = nearest((c) => Math.hypot(rough.u - c.w, rough.v));
  const starts = [[at, [rough.u - at.w, rough.v]]];
  // Close to an edge or a neck the curve begins like the root of a quadratic or cubic equation.
  const close = nearest((c) => Math.abs(value(minus(x, c.place))));
  const t = value(minus(x, close.place));
  const cubic = Math.abs(close.cubics.reduce((total, e, j) => total + e / close.offsets[j], 0));
  const root = Math.cbrt(Math.abs(t) / cubic);
  starts.push(
    [close, [0, Math.sqrt(Math.abs(t / close.bend))]],
    [close, [(-Math.sign(t) * root) / 2, root]],
    [close, [0, Math.sqrt(Math.abs(close.slope) / cubic)]],
  );
  for (const [from, start] of starts) {
    const s = solveFrom(from, value(minus(x, from.place)), start);
    if (s) return { u: from.w + s[0], v: s[1], offsets: from.offsets.map((a) => a + s[0]) };
  }
  const { u, v } = curveNear(law, band, x, 2 ** -52);
  return { u, v, offsets: law.poles.map((pole) => u - pole) };
}
