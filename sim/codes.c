#include "sim/codes.h"

#include "pe/format.h"

size_t tensor_host_bytes(const struct dram_tensor *tensor)
{
    return tensor_elements(tensor) * (size_t)format_host_bytes(tensor->format);
}

uint32_t code_at(const void *codes, struct format format, size_t index)
{
    int bytes = format_host_bytes(format);
    const uint8_t *from = (const uint8_t *)codes + index * (size_t)bytes;
    uint32_t code = 0;
    for (int i = 0; i < bytes; i++)
        code |= (uint32_t)from[i] << (8 * i);
    return code;
}

static void put_code(void *codes, struct format format, size_t index, uint32_t code)
{
    int bytes = format_host_bytes(format);
    uint8_t *to = (uint8_t *)codes + index * (size_t)bytes;
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(code >> (8 * i));
}

int64_t code_level(struct format format, uint32_t code)
{
    if (format_is_operand(format))
        return format_grid(format)->level_of_code[code];
    return format_level(format, code);
}

void encode_input(const struct program *program, const float *image, void *codes)
{
    const struct dram_tensor *input = &program->tensors[program->input];
    format_encode_image(input->format, input->scale, image, (size_t)input->h * input->w, input->c,
                        codes);
}

void encode_zeros(const struct program *program, void *codes)
{
    const struct dram_tensor *input = &program->tensors[program->input];
    uint32_t zero = format_nearest_code(input->format, 0);
    for (size_t i = 0; i < tensor_elements(input); i++)
        put_code(codes, input->format, i, zero);
}
