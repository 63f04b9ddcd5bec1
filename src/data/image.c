/* SPDX-License-Identifier: MIT
 * Pictures: PNG by libpng, binary PGM and PPM by hand; JPEG is in jpeg.c. */
#include "data/image.h"

#include <ctype.h>
#include <png.h>
#include <string.h>

#include "base/alloc.h"

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
    code = lethe_image_check_sides(image, source, err);
    if (code)
        goto out;
    png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; /* 16 bits are not linear light unless they say so */
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
    enum lethe_err code = lethe_image_check_sides(image, source, err);
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

static enum lethe_err parse_jpeg(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                 const char *source, struct lethe_error *err)
{
    enum lethe_err code = lethe_jpeg_parse(image, bytes, size, source, err);
    unsigned char *pixels = image->pixels;
    image->pixels = NULL;
    if (!code)
        code = take(image, pixels, source, err);
    lethe_free(pixels);
    return code;
}

enum lethe_err lethe_image_channels(struct lethe_image *image, size_t channels, const char *source,
                                    struct lethe_error *err)
{
    size_t area = image->rows * image->columns;
    const unsigned char *from = image->pixels;
    if (image->channels == channels)
        return LETHE_OK;
    unsigned char *made = lethe_alloc(area, channels);
    if (!made)
        return lethe_fail_memory(err, source, area, channels);
    for (size_t p = 0; p < area && channels == 1; p++)
        made[p] = (unsigned char)((299u * from[p] + 587u * from[area + p] +
                                   114u * from[2 * area + p] + 500u) /
                                  1000u);
    for (size_t c = 0; c < channels && channels > 1; c++)
        memcpy(made + c * area, from, area);
    lethe_free(image->pixels);
    image->pixels = made;
    image->channels = channels;
    return LETHE_OK;
}

/* Kinds of pictures that are not read, by their first bytes. */
static const char *other_kind(const unsigned char *bytes, size_t size)
{
    static const struct {
        const char *magic, *what;
    } kinds[] = {{"GIF8", "a GIF"},    {"RIFF", "a WebP"},   {"BM", "a BMP"},
                 {"II*", "a TIFF"},    {"MM", "a TIFF"},     {"\xffO", "a JPEG 2000"},
                 {"P1", "a text PBM"}, {"P2", "a text PGM"}, {"P3", "a text PPM"},
                 {"P4", "a PBM"},      {"<svg", "an SVG"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size > strlen(kinds[i].magic) && !memcmp(bytes, kinds[i].magic, strlen(kinds[i].magic)))
            return kinds[i].what;
    return "damaged or of an unknown kind";
}

enum lethe_err lethe_image_parse(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                 const char *source, struct lethe_error *err)
{
    *image = (struct lethe_image){0};
    if (size > 8 && !memcmp(bytes, "\x89PNG\r\n\x1a\n", 8))
        return parse_png(image, bytes, size, source, err);
    if (size > 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff)
        return parse_jpeg(image, bytes, size, source, err);
    if (size > 2 && bytes[0] == 'P' && (bytes[1] == '5' || bytes[1] == '6'))
        return parse_pnm(image, bytes, size, source, err);
    return lethe_fail(err, LETHE_EFORMAT,
                      "%s is %s, neither PNG nor JPEG, binary PGM or PPM; convert it: convert FILE "
                      "FILE.png",
                      source, other_kind(bytes, size));
}
