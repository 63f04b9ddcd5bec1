/* SPDX-License-Identifier: MIT
 * Half precision (1 sign, 5 exponent, 10 fraction bits) and bfloat16 (the upper half of a float).
 * Check values: 0x3c00 = 1, 0x7bff = 65504, 0x0001 = 2^-24. */
#include <math.h>
#include <string.h>

#include "onnx/model.h"

double lethe_half_to_double(uint16_t bits)
{
    double sign = bits >> 15 ? -1.0 : 1.0, fraction = bits & 0x3ff;
    int exponent = bits >> 10 & 0x1f;
    if (exponent == 31)
        return fraction != 0 ? (double)NAN : sign * (double)INFINITY;
    return sign * ldexp(exponent ? 1024 + fraction : fraction, exponent ? exponent - 25 : -24);
}

uint16_t lethe_double_to_half(double x)
{
    uint16_t sign = signbit(x) ? 0x8000 : 0;
    int exponent = 0;
    x = fabs(x);
    if (isnan(x))
        return 0x7e00;
    if (x >= 65520)
        return sign | 0x7c00;
    frexp(x, &exponent);
    if (exponent < -13) /* below the smallest normal number, 2^-14: whole steps of 2^-24 */
        return (uint16_t)(sign | (uint16_t)nearbyint(ldexp(x, 24)));
    uint16_t steps = (uint16_t)nearbyint(ldexp(x, 11 - exponent)); /* 1024 to 2048 */
    return (uint16_t)(sign | (((unsigned)(exponent + 13) << 10) + steps));
}

double lethe_bfloat16_to_double(uint16_t bits)
{
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return (double)value;
}

uint16_t lethe_double_to_bfloat16(double x)
{
    float value = (float)x;
    uint32_t wide;
    memcpy(&wide, &value, sizeof wide);
    if (isnan(x))
        return 0x7fc0;
    return (uint16_t)((wide + 0x7fff + (wide >> 16 & 1)) >> 16);
}
