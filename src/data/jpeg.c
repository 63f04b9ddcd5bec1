/* SPDX-License-Identifier: MIT
 * JPEG pictures by libjpeg (-turbo), whose errors come back by a jump: what must be freed after one
 * lies in one struct. Decoded by the accurate integer transform, so that every machine gets the
 * same pixels. */
#include <setjmp.h>
#include <stdio.h>
#include <jpeglib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/image.h"

struct decoding {
    struct jpeg_error_mgr manager; /* first: the library passes its address */
    struct jpeg_decompress_struct jpeg;
    jmp_buf back;
    char message[JMSG_LENGTH_MAX];
    unsigned char *pixels;
};

static void give_up(j_common_ptr jpeg)
{
    struct decoding *d = (struct decoding *)(void *)jpeg->err;
    jpeg->err->format_message(jpeg, d->message);
    longjmp(d->back, 1);
}

/* Warnings (a file cut short, for one) are errors: half a picture is no sample. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level < 0)
        give_up(jpeg);
}

static void no_output(j_common_ptr jpeg)
{
    (void)jpeg;
}

static unsigned number_at(const unsigned char *at, int bytes, int little)
{
    unsigned value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[little ? bytes - 1 - i : i];
    return value;
}

/* The tag Orientation (274) among the first entries of an EXIF block, from 1 (upright) to 8; 0:
 * there is none. EXIF 2.3, 4.6.2: "Exif\0\0", "II" or "MM", 42, where the entries are, how many. */
static unsigned orientation_of(const unsigned char *exif, size_t size)
{
    enum { START = 6, ENTRY = 12, TAG = 274 };
    if (size < START + 8 || memcmp(exif, "Exif\0", START) != 0)
        return 0;
    exif += START;
    size -= START;
    const int little = exif[0] == 'I';
    const size_t at = number_at(exif + 4, 4, little);
    if (at > size || size - at < 2)
        return 0;
    const size_t count = number_at(exif + at, 2, little);
    for (size_t i = 0; i < count && (i + 1) * ENTRY <= size - at - 2; i++) {
        const unsigned char *entry = exif + at + 2 + i * ENTRY;
        if (number_at(entry, 2, little) == TAG)
            return number_at(entry + 8, 2, little);
    }
    return 0;
}

static int is_turned(const struct jpeg_decompress_struct *jpeg)
{
    unsigned found = 0;
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m && !found; m = m->next)
        found = m->marker == JPEG_APP0 + 1 ? orientation_of(m->data, m->data_length) : 0;
    return found > 1 && found <= 8;
}

static enum lethe_err begin(struct decoding *d, struct lethe_image *image, const char *source,
                            struct lethe_error *err)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    image->rows = jpeg->image_height;
    image->columns = jpeg->image_width;
    image->channels = jpeg->jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
    if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s is a JPEG in printing colours (CMYK); save it as RGB", source);
    enum lethe_err code = lethe_image_check_sides(image, source, err);
    if (code)
        return code;
    jpeg->out_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    d->pixels = lethe_alloc(image->rows * image->columns, image->channels);
    return d->pixels
               ? LETHE_OK
               : lethe_fail_memory(err, source, image->rows * image->columns, image->channels);
}

static void decode(struct decoding *d, const struct lethe_image *image)
{
    jpeg_start_decompress(&d->jpeg);
    while (d->jpeg.output_scanline < d->jpeg.output_height) {
        JSAMPROW row = d->pixels + d->jpeg.output_scanline * image->columns * image->channels;
        jpeg_read_scanlines(&d->jpeg, &row, 1);
    }
    jpeg_finish_decompress(&d->jpeg);
}

enum lethe_err lethe_jpeg_parse(struct lethe_image *image, const unsigned char *bytes, size_t size,
                                const char *source, struct lethe_error *err)
{
    struct decoding *d = lethe_alloc_zero(1, sizeof *d);
    enum lethe_err code = LETHE_OK;
    if (!d)
        return lethe_fail_memory(err, source, 1, sizeof *d);
    d->jpeg.err = jpeg_std_error(&d->manager);
    d->manager.error_exit = give_up;
    d->manager.emit_message = on_message;
    d->manager.output_message = no_output;
    if (setjmp(d->back)) {
        code = lethe_fail(err, LETHE_EFORMAT, "%s is a damaged JPEG: %s", source, d->message);
    } else {
        jpeg_create_decompress(&d->jpeg);
        d->jpeg.mem->max_memory_to_use = 1L << 30;
        jpeg_mem_src(&d->jpeg, bytes, size);
        jpeg_save_markers(&d->jpeg, JPEG_APP0 + 1, 0xffff);
        jpeg_read_header(&d->jpeg, TRUE);
        image->turned = is_turned(&d->jpeg);
        code = begin(d, image, source, err);
        if (!code)
            decode(d, image);
    }
    jpeg_destroy_decompress(&d->jpeg);
    if (code)
        lethe_free(d->pixels);
    else
        image->pixels = d->pixels;
    lethe_free(d);
    return code;
}
