// Draws by address: Philox 4x64-10 (Salmon, Moraes, Dror and Shaw 2011), and from a uniform number to a value.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "plan.hpp"

namespace draws {

struct Luck {
    std::uint64_t seed, replication;

    // Strictly between 0 and 1, for a decision of an entity at a visit.
    double uniform(std::uint64_t name, std::uint64_t place, std::uint64_t member, std::uint64_t visit) const {
        std::uint64_t c0 = name, c1 = place, c2 = member, c3 = visit, k0 = seed, k1 = replication;
        for (int round = 0; round < 10; ++round) {
            const unsigned __int128 p0 = static_cast<unsigned __int128>(0xD2E7470EE14C6C93ull) * c0;
            const unsigned __int128 p1 = static_cast<unsigned __int128>(0xCA5A826395121157ull) * c2;
            const std::uint64_t n0 = static_cast<std::uint64_t>(p1 >> 64) ^ c1 ^ k0;
            const std::uint64_t n2 = static_cast<std::uint64_t>(p0 >> 64) ^ c3 ^ k1;
            c1 = static_cast<std::uint64_t>(p1);
            c3 = static_cast<std::uint64_t>(p0);
            c0 = n0;
            c2 = n2;
            k0 += 0x9E3779B97F4A7C15ull;
            k1 += 0xBB67AE8584CAA73Bull;
        }
        return static_cast<double>(c0 >> 12) * 0x1p-52 + 0x1p-53;
    }
};

// The quantile of the standard normal distribution: Wichura's AS 241 (1988).
inline double normal(double p) {
    const double q = p - 0.5;
    if (std::fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        const double top = (((((((2.5090809287301226727e+3 * r + 3.3430575583588128105e+4) * r
            + 6.7265770927008700853e+4) * r + 4.5921953931549871457e+4) * r + 1.3731693765509461125e+4) * r
            + 1.9715909503065514427e+3) * r + 1.3314166789178437745e+2) * r + 3.3871328727963666080e+0) * q;
        const double bottom = (((((((5.2264952788528545610e+3 * r + 2.8729085735721942674e+4) * r
            + 3.9307895800092710610e+4) * r + 2.1213794301586595867e+4) * r + 5.3941960214247511077e+3) * r
            + 6.8718700749205790830e+2) * r + 4.2313330701600911252e+1) * r + 1.0);
        return top / bottom;
    }
    double r = std::sqrt(-std::log(q <= 0.0 ? p : 1.0 - p));
    double top, bottom;
    if (r <= 5.0) {
        r -= 1.6;
        top = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r
            + 2.41780725177450611770e-1) * r + 1.27045825245236838258e+0) * r + 3.64784832476320460504e+0) * r
            + 5.76949722146069140550e+0) * r + 4.63033784615654529590e+0) * r + 1.42343711074968357734e+0);
        bottom = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r
            + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r
            + 1.67638483018380384940e+0) * r + 2.05319162663775882187e+0) * r + 1.0);
    } else {
        r -= 5.0;
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
            + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r
            + 1.78482653991729133580e+0) * r + 5.46378491116411436990e+0) * r + 6.65790464350110377720e+0);
        bottom = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
            + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r
            + 1.36929880922735805310e-1) * r + 5.99832206555887937690e-1) * r + 1.0);
    }
    return q < 0.0 ? -top / bottom : top / bottom;
}

inline double quantile(const plan::Distribution& distribution, double u) {
    double value = distribution.a;
    switch (distribution.kind) {
        case plan::FIXED:
            break;
        case plan::LOGNORMAL:
            value = std::exp(distribution.a + distribution.b * normal(u));
            break;
        case plan::UNIFORM:
            value = distribution.a + (distribution.b - distribution.a) * u;
            break;
        case plan::TRIANGULAR:
            if (distribution.c > distribution.a) {
                const double width = distribution.c - distribution.a, rise = distribution.b - distribution.a;
                value = u < rise / width ? distribution.a + std::sqrt(u * width * rise)
                                         : distribution.c -
                                               std::sqrt((1.0 - u) * width * (distribution.c - distribution.b));
            }
            break;
        case plan::EMPIRICAL:
            const double* shares = plan::shares + distribution.values.first;
            const int count = distribution.values.last - distribution.values.first;
            value = plan::values[distribution.values.first + (std::lower_bound(shares, shares + count, u) - shares)];
    }
    return std::min(std::max(value, distribution.least), distribution.most);
}

// The probability with these log-odds.
inline double probability(double log_odds) {
    if (log_odds >= 0.0) return 1.0 / (1.0 + std::exp(-log_odds));
    const double odds = std::exp(log_odds);
    return odds / (1.0 + odds);
}

// When an event comes that has this much hazard left at `time`, at a rate that periods multiply.
inline double ring(double time, double left, double rate, plan::Range range) {
    const plan::Period* const first = plan::periods + range.first;
    const plan::Period* const last = plan::periods + range.last;
    for (;;) {
        double hazard = rate, change = plan::NEVER;
        for (const plan::Period* period = first; period != last; ++period) {
            if (time < period->start) {
                change = std::min(change, period->start);
            } else if (time < period->stop) {
                hazard *= period->change;
                change = std::min(change, period->stop);
            }
        }
        if (hazard > 0.0 && (change == plan::NEVER || hazard * (change - time) >= left)) return time + left / hazard;
        if (change == plan::NEVER) return plan::NEVER;
        left -= hazard * (change - time);
        time = change;
    }
}

}  // namespace draws
