#include "sim/clocked/patch_cursor.h"

namespace mantis
{

patch_cursor::patch_cursor(const transfer &transfer, const dram_tensor &tensor)
    : transfer_(transfer), height_(tensor.h), width_(tensor.w), channels_(tensor.c),
      first_bit_(tensor.address * 8),
      bits_(static_cast<std::uint64_t>(format_code_bits(tensor.format)))
{
    find_pixel();
}

void patch_cursor::next_pixel()
{
    c_ = 0;
    if (++x_ == transfer_.count_x) {
        x_ = 0;
        y_++;
    }
    find_pixel();
}

void patch_cursor::find_pixel()
{
    const std::int64_t y = transfer_.y + std::int64_t{y_} * transfer_.stride_y;
    const std::int64_t x = transfer_.x + std::int64_t{x_} * transfer_.stride_x;
    pixel_is_inside_ = y >= 0 && y < height_ && x >= 0 && x < width_;
    if (pixel_is_inside_)
        pixel_bit_ = first_bit_ + static_cast<std::uint64_t>((y * width_ + x) * channels_) * bits_;
}

} // namespace mantis
