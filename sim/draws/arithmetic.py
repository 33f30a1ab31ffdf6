"""Exponential, logarithm and normal quantile in plain arithmetic, so that every machine gives the same last bit.

The functions of a C library differ between systems in the last bit, and so do those of a compiler and of Python. These
use only sums, products, quotients and square roots, which IEEE 754 defines exactly.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from sim.compile.cache import inlined, jit

_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_HALF_ROOT_2: Final = 0.7071067811865476
_MANTISSA: Final = 0x000FFFFFFFFFFFFF
_ONE: Final = 0x3FF0000000000000
_LARGEST_POWER: Final = 709.782712893384
_LEAST_POWER: Final = -745.2


@inlined
def logarithm(x: float) -> float:
    """The natural logarithm, within one unit in the last place; minus infinity at 0, NaN below.

    Method of FDLIBM's ``log`` (Sun Microsystems 1993): x = 2**k (1 + f), and ln(1 + f) by a polynomial in f / (2 + f).
    """
    if x <= 0.0 or x != x or x == math.inf:
        return -math.inf if x == 0.0 else (math.nan if x < 0.0 or x != x else x)
    k = 0
    if x < 2.2250738585072014e-308:
        x *= 18014398509481984.0
        k = -54
    bits = np.float64(x).view(np.int64)
    k += int(bits >> 52) - 1023
    m = float(np.int64((bits & _MANTISSA) | _ONE).view(np.float64))
    if m > 2.0 * _HALF_ROOT_2:
        m *= 0.5
        k += 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + (odd + even)) + k * _LN2_LOW)) - f)


@inlined
def exponential(x: float) -> float:
    """E to the power x, within one unit in the last place; 0 or infinity where that is beyond floating point.

    Method of FDLIBM's ``exp`` (Sun Microsystems 1993): x = k ln 2 + r, and exp(r) by a rational function.
    """
    if x == 0.0:
        return 1.0
    if x != x:
        return x
    if x > _LARGEST_POWER:
        return math.inf
    if x < _LEAST_POWER:
        return 0.0
    whole = np.floor(x * 1.4426950408889634 + 0.5)
    k = int(whole)
    high, low = x - whole * _LN2_HIGH, whole * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    if k > 1000:
        return y * _power_of_two(k - 1000) * _power_of_two(1000)
    if k < -1000:
        return y * _power_of_two(k + 1000) * _power_of_two(-1000)
    return y * _power_of_two(k)


@inlined
def _power_of_two(k: int) -> float:
    return float(np.int64((k + 1023) << 52).view(np.float64))


@inlined
def normal_quantile(u: float) -> float:
    """The standard normal value below which a share ``u`` lies, 0 < u < 1, to about 1 part in 10**16.

    Algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics 37(3)).
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _central_top(r) / _central_bottom(r)
    r = math.sqrt(-logarithm(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        x = _middle_top(r) / _middle_bottom(r)
    else:
        r -= 5.0
        x = _far_top(r) / _far_bottom(r)
    return -x if q < 0.0 else x


@inlined
def _polynomial(r: float, a: float, b: float, c: float, d: float, e: float, f: float, g: float, h: float) -> float:
    return ((((((h * r + g) * r + f) * r + e) * r + d) * r + c) * r + b) * r + a


@inlined
def _central_top(r: float) -> float:
    return _polynomial(
        r,
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    )


@inlined
def _central_bottom(r: float) -> float:
    return _polynomial(
        r,
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    )


@jit
def _middle_top(r: float) -> float:
    return _polynomial(
        r,
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    )


@jit
def _middle_bottom(r: float) -> float:
    return _polynomial(
        r,
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    )


@jit
def _far_top(r: float) -> float:
    return _polynomial(
        r,
        6.65790464350110377720e0,
        5.46378491116411436990e0,
        1.78482653991729133580e0,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    )


@jit
def _far_bottom(r: float) -> float:
    return _polynomial(
        r,
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    )


@inlined
def triangular(low: float, mode: float, high: float, u: float) -> float:
    """The quantile of the triangular distribution."""
    if high == low:
        return low
    turn = (mode - low) / (high - low)
    if u < turn:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))
