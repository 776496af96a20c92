/* Density of one law whose H(w) = x is a cubic or a quartic: the limit that the evaluators are measured by.
 *
 * Compiled with LEAVES and PAIRS, how many roots of the discriminant are real and how many pairs complex.
 * With y = x - origin, t the shifted unknown and Delta^2 = -disc/108 known by its roots,
 *
 *     S = cbrt(|Q|/2 + Delta), T = P/(3 S), t = -Q/(S^2 + S T + T^2) the real root of t^3 + P t + Q,
 *     its complex pair:  -t/2 +- i sqrt(3) Delta/(S^2 - S T + T^2).
 *
 * cubic:    the pair itself is w, shifted.
 * quartic:  the pair u of the resolvent cubic gives, for the depressed y^4 + p y^2 + q y + r,
 *           a = q/|u|, the real roots r1, r2 of y^2 + a y + b, (r1 - r2)^2 = 2 |u| - a^2 - 2 p,
 *           Re w = a/2 and Im w = Im u / |r1 - r2|.
 *
 * No branches and no calls inside the loops, so that compilers vectorise them.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SQRT_3 1.7320508075688772
#define PI 3.141592653589793

typedef struct {
    double origin;
    double factor;                    /* Delta^2 = factor prod (x - e) prod ((y - re)^2 + im^2) */
    double hi[LEAVES], lo[LEAVES];    /* the real roots e */
    double re[PAIRS + 1], im[PAIRS + 1];
    double P[5], Q[7];                /* of the cubic or the resolvent, powers of y; P/3 in P */
    double p[3], q[4];                /* of the depressed quartic */
    double shift[2];                  /* Re w beside the unknown's real part, shift[0] + shift[1] y */
} Law;

/* 1 / cbrt(a) for normal a > 0, by the exponent divided by three and two steps of fourth order */
static inline double inverse_cube_root(double a)
{
    uint64_t bits;
    double r;
    memcpy(&bits, &a, sizeof bits);
    bits = (uint64_t)(0x553ef0ffu - (((bits >> 32) * 0x55555556u) >> 32)) << 32;
    memcpy(&r, &bits, sizeof r);
    double e = 1.0 - a * r * r * r;
    r += r * e * (1.0 / 3 + e * (2.0 / 9 + e * (14.0 / 81)));
    e = 1.0 - a * r * r * r;
    return r + r * e * (1.0 / 3 + e * (2.0 / 9 + e * (14.0 / 81)));
}

static inline double squared_delta(const Law *law, double x, double y)
{
    double square = law->factor;
    for (int i = 0; i < LEAVES; i++) square *= (x - law->hi[i]) - law->lo[i];
    for (int i = 0; i < PAIRS; i++) {
        double d = y - law->re[i];
        square *= d * d + law->im[i] * law->im[i];
    }
    return square;
}

void cubic(const Law *restrict law, const double *restrict x, double *restrict density, size_t n)
{
    const Law at = *law;
    for (size_t i = 0; i < n; i++) {
        double y = x[i] - at.origin;
        double square = squared_delta(&at, x[i], y);
        double delta = sqrt(square > 0 ? square : 0);
        double P = at.P[0] + y * (at.P[1] + y * at.P[2]);
        double Q = at.Q[0] + y * (at.Q[1] + y * (at.Q[2] + y * at.Q[3]));
        double a = 0.5 * fabs(Q) + delta;
        double r = inverse_cube_root(a);
        double S = a * r * r, T = P * r;
        double sum = S * S + T * T;
        double v = SQRT_3 * delta / (sum - P);
        double u = at.shift[0] + at.shift[1] * y + 0.5 * Q / (sum + P);
        density[i] = v / (PI * (u * u + v * v));
    }
}

void quartic(const Law *restrict law, const double *restrict x, double *restrict density, size_t n)
{
    const Law at = *law;
    for (size_t i = 0; i < n; i++) {
        double y = x[i] - at.origin;
        double square = squared_delta(&at, x[i], y);
        double delta = sqrt(square > 0 ? square : 0);
        double P = at.P[0] + y * (at.P[1] + y * (at.P[2] + y * (at.P[3] + y * at.P[4])));
        double Q = at.Q[4] + y * (at.Q[5] + y * at.Q[6]);
        Q = at.Q[0] + y * (at.Q[1] + y * (at.Q[2] + y * (at.Q[3] + y * Q)));
        double p = at.p[0] + y * (at.p[1] + y * at.p[2]);
        double q = at.q[0] + y * (at.q[1] + y * (at.q[2] + y * at.q[3]));
        double a = 0.5 * fabs(Q) + delta;
        double r = inverse_cube_root(a);
        double S = a * r * r, T = P * r;
        double sum = S * S + T * T;
        double v = SQRT_3 * delta / (sum - P);
        double u = 0.5 * Q / (sum + P) - (2.0 / 3) * p;
        double size = sqrt(u * u + v * v);
        a = q / size;
        v /= sqrt(2 * size - a * a - 2 * p);
        u = at.shift[0] + at.shift[1] * y + 0.5 * a;
        density[i] = square > 0 ? v / (PI * (u * u + v * v)) : 0;
    }
}
