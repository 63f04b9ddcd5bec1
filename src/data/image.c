/* SPDX-License-Identifier: MIT
 * Pictures: PNG by libpng, binary PGM and PPM by hand. */
#include "data/image.h"

#include <ctype.h>
#include <png.h>
#include <string.h>

#include "base/alloc.h"

enum { SIDE_LIMIT = 16384 };

/* pixels in file order (rows, columns, channels) to channels first. */
static enum lethe_err take(struct lethe_image *image, const unsigned char *pixels,
                           const char *source, struct lethe_error *err)
{
    size_t area = image->rows * image->columns, channels = image->channels;
    unsigned char *turned = lethe_alloc(area, channels);
    if (!turned)
        return lethe_fail_memory(err, source, area, channels);
    for (size_t c = 0; c < channels; c++)
        for (size_t p = 0; p < area; p++)
            turned[c * area + p] = pixels[p * channels + c];
    image->pixels = turned;
    return LETHE_OK;
}

static enum lethe_err check_sides(const struct lethe_image *image, const char *source,
                                  struct lethe_error *err)
{
    if (image->rows && image->columns && image->rows <= SIDE_LIMIT && image->columns <= SIDE_LIMIT)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EFORMAT, "%s: a picture of %zu x %zu pixels; 1 to %d a side",
                      source, image->rows, image->columns, SIDE_LIMIT);
}

static enum lethe_err parse_png(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                const char *source, struct lethe_error *err)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    unsigned char *pixels = NULL;
    enum lethe_err code = LETHE_OK;
    if (!png_image_begin_read_from_memory(&png, bytes, size)) {
        code = lethe_fail(err, LETHE_EFORMAT, "%s is a damaged PNG: %s", source, png.message);
        goto out;
    }
    image->rows = png.height;
    image->columns = png.width;
    image->channels = png.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1;
    code = check_sides(image, source, err);
    if (code)
        goto out;
    png.format = image->channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    pixels = lethe_alloc(PNG_IMAGE_SIZE(png), 1);
    if (!pixels) {
        code = lethe_fail_memory(err, source, PNG_IMAGE_SIZE(png), 1);
        goto out;
    }
    static const png_color black = {0, 0, 0};
    if (!png_image_finish_read(&png, &black, pixels, 0, NULL))
        code = lethe_fail(err, LETHE_EFORMAT, "%s is a damaged PNG: %s", source, png.message);
    else
        code = take(image, pixels, source, err);
out:
    lethe_free(pixels);
    png_image_free(&png);
    return code;
}

/* The next number of a PNM header; 0 when there is none. */
static int header_number(size_t *number, const unsigned char **at, const unsigned char *end)
{
    for (;; ++*at) {
        if (*at < end && **at == '#')
            while (*at < end && **at != '\n')
                ++*at;
        if (*at == end || !isspace(**at))
            break;
    }
    const unsigned char *start = *at;
    for (*number = 0; *at < end && isdigit(**at) && *number < 1u << 20; ++*at)
        *number = *number * 10 + (size_t)(**at - '0');
    return *at > start;
}

static enum lethe_err parse_pnm(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                const char *source, struct lethe_error *err)
{
    const unsigned char *at = bytes + 2, *end = bytes + size;
    size_t most = 0;
    image->channels = bytes[1] == '6' ? 3 : 1;
    if (!header_number(&image->columns, &at, end) || !header_number(&image->rows, &at, end) ||
        !header_number(&most, &at, end) || at == end || !isspace(*at))
        return lethe_fail(err, LETHE_EFORMAT, "%s: a damaged PNM header", source);
    at++;
    enum lethe_err code = check_sides(image, source, err);
    if (code)
        return code;
    if (most == 0 || most > 255)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: a PNM picture with values up to %zu; 255 at most", source, most);
    size_t wanted = image->rows * image->columns * image->channels, have = (size_t)(end - at);
    if (have != wanted)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: the header promises %zu bytes of pixels, the file has %zu", source,
                          wanted, have);
    return take(image, at, source, err);
}

enum lethe_err lethe_image_parse(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                 const char *source, struct lethe_error *err)
{
    *image = (struct lethe_image){0};
    if (size > 8 && !memcmp(bytes, "\x89PNG\r\n\x1a\n", 8))
        return parse_png(image, bytes, size, source, err);
    if (size > 2 && bytes[0] == 'P' && (bytes[1] == '5' || bytes[1] == '6'))
        return parse_pnm(image, bytes, size, source, err);
    return lethe_fail(err, LETHE_EFORMAT, "%s is neither PNG nor binary PGM or PPM", source);
}
