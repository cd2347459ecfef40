/* samestory embed: unit vectors as a NumPy array.
 *
 * Format: magic, version 1.0, the header's length, a Python dict padded with spaces so that the
 * data begin at a multiple of 64 bytes, then (documents, dimension) little-endian float32. */
#include "cli.h"
#include "collection.h"
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_header(output *out, size_t rows, size_t columns)
{
    char header[192];
    int dict =
        snprintf(header + 10, sizeof header - 10,
                 "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, columns);
    size_t used = 10 + (size_t)dict + 1, size = (used + 63) / 64 * 64;
    memset(header + used - 1, ' ', size - used);
    header[size - 1] = '\n';
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)((size - 10) & 0xFF);
    header[9] = (char)((size - 10) >> 8);
    output_bytes(out, header, size);
}

/* Little-endian, whatever the machine is. */
static void put_row(output *out, const float *row, unsigned char *bytes, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        uint32_t bits;
        memcpy(&bits, &row[i], sizeof bits);
        for (size_t k = 0; k < 4; k++) bytes[4 * i + k] = (unsigned char)(bits >> 8 * k);
    }
    output_bytes(out, bytes, 4 * columns);
}

static int put_vectors(const collection *c, output *out)
{
    size_t columns = samestory_model_dimension(c->model);
    float *row = malloc(columns * sizeof *row);
    unsigned char *bytes = malloc(columns * 4);
    samestory_status status = row && bytes ? SAMESTORY_OK : SAMESTORY_NO_MEMORY;
    if (!status) put_header(out, c->documents, columns);
    for (size_t n = 0; !status && n < c->documents && !out->error; n++) {
        status = samestory_vector(c->engine, n, row);
        if (!status) put_row(out, row, bytes, columns);
    }
    free(row);
    free(bytes);
    return status ? cli_fail_status(status) : 0;
}

int embed_run(const cli_options *options)
{
    collection c;
    output out;
    int code = collection_read(&c, options, 0);
    if (!code) code = output_open(&out, NULL);
    if (!code) {
        code = put_vectors(&c, &out);
        if (code)
            output_drop(&out);
        else
            code = output_close(&out);
    }
    collection_free(&c);
    return code;
}
