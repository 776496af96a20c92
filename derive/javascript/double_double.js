// Numbers of about 32 digits: unevaluated sums { hi, lo } of two doubles, |lo| at most half an ulp of hi.
// The functions take doubles too. The emitted coefficients are written in them: plus(phi, times(2, eps)).

const pair = (a) => (typeof a === "number" ? { hi: a, lo: 0 } : a);

const value = (a) => (typeof a === "number" ? a : a.hi + a.lo);

function quickSum(a, b) {
  const hi = a + b;
  return { hi, lo: b - (hi - a) };
}

function exactSum(a, b) {
  const hi = a + b;
  const t = hi - a;
  return { hi, lo: a - (hi - t) + (b - t) };
}

// Dekker's product: without a fused multiply-add the factors are split into halves of 26 bits.
function exactProduct(a, b) {
  const hi = a * b;
  const p = 134217729 * a;
  const q = 134217729 * b;
  const a1 = p - (p - a);
  const b1 = q - (q - b);
  const a2 = a - a1;
  const b2 = b - b1;
  return { hi, lo: a1 * b1 - hi + a1 * b2 + a2 * b1 + a2 * b2 };
}

function plus(a, b) {
  const x = pair(a);
  const y = pair(b);
  const s = exactSum(x.hi, y.hi);
  const t = exactSum(x.lo, y.lo);
  const u = quickSum(s.hi, s.lo + t.hi);
  return quickSum(u.hi, u.lo + t.lo);
}

function negative(a) {
  const x = pair(a);
  return { hi: -x.hi, lo: -x.lo };
}

const minus = (a, b) => plus(a, negative(b));

function times(a, b) {
  const x = pair(a);
  const y = pair(b);
  const p = exactProduct(x.hi, y.hi);
  return quickSum(p.hi, p.lo + (x.hi * y.lo + x.lo * y.hi));
}

function over(a, b) {
  const y = pair(b);
  const first = pair(a).hi / y.hi;
  let rest = minus(a, times(first, y));
  const second = rest.hi / y.hi;
  rest = minus(rest, times(second, y));
  return plus(quickSum(first, second), rest.hi / y.hi);
}

function power(a, exponent) {
  let result = pair(a);
  for (let i = 1; i < exponent; i++) result = times(result, a);
  return result;
}

function sqrt(a) {
  const x = pair(a);
  const root = Math.sqrt(x.hi);
  if (root === 0) return { hi: 0, lo: 0 };
  return quickSum(root, minus(x, exactProduct(root, root)).hi / (2 * root));
}

const sum = (terms) => terms.reduce(plus, { hi: 0, lo: 0 });

// a, or an exact 0 where it is no more than the rounding of terms of size `scale`.
const snapped = (a, scale) => (Math.abs(pair(a).hi) <= 2 ** -95 * scale ? { hi: 0, lo: 0 } : pair(a));

// The sign of a - b, exact for what the two numbers are.
const compare = (a, b) => Math.sign(value(minus(a, b)));
