/* SPDX-License-Identifier: MIT
 * Numbers of every element type as the bytes a file has. */
#include <string.h>

#include "onnx/model.h"

static int64_t whole(double x)
{
    return x >= 9223372036854775808.0 ? INT64_MAX : (int64_t)x;
}

void lethe_onnx_number_write(unsigned char *to, double x, int type)
{
    float f = (float)x;
    int64_t i8 = lethe_elem_is_real(type) || lethe_elem_is_half(type) ? 0 : whole(x);
    uint16_t two;
    int32_t i4 = (int32_t)i8;
    int16_t i2 = (int16_t)i8;
    int8_t i1 = (int8_t)i8;
    switch (type) {
    case LETHE_ELEM_FLOAT:
        memcpy(to, &f, sizeof f);
        break;
    case LETHE_ELEM_DOUBLE:
        memcpy(to, &x, sizeof x);
        break;
    case LETHE_ELEM_INT64:
    case LETHE_ELEM_UINT64:
        memcpy(to, &i8, sizeof i8);
        break;
    case LETHE_ELEM_INT32:
    case LETHE_ELEM_UINT32:
        memcpy(to, &i4, sizeof i4);
        break;
    case LETHE_ELEM_HALF:
    case LETHE_ELEM_BRAIN:
        two = type == LETHE_ELEM_HALF ? lethe_double_to_half(x) : lethe_double_to_bfloat16(x);
        memcpy(to, &two, sizeof two);
        break;
    case LETHE_ELEM_INT16:
    case LETHE_ELEM_UINT16:
        memcpy(to, &i2, sizeof i2);
        break;
    default:
        memcpy(to, &i1, sizeof i1);
    }
}

size_t lethe_onnx_number_size(int type)
{
    switch (type) {
    case LETHE_ELEM_DOUBLE:
    case LETHE_ELEM_INT64:
    case LETHE_ELEM_UINT64:
        return 8;
    case LETHE_ELEM_FLOAT:
    case LETHE_ELEM_INT32:
    case LETHE_ELEM_UINT32:
        return 4;
    case LETHE_ELEM_INT16:
    case LETHE_ELEM_UINT16:
    case LETHE_ELEM_HALF:
    case LETHE_ELEM_BRAIN:
        return 2;
    default:
        return 1;
    }
}
