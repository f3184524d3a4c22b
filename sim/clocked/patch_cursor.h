/* A walk over the elements of a LOAD or STORE, in the order in which they lie in the scratchpad. */
#ifndef MANTIS_SIM_CLOCKED_PATCH_CURSOR_H
#define MANTIS_SIM_CLOCKED_PATCH_CURSOR_H

#include <cstdint>

extern "C" {
#include "isa/program.h"
}

namespace mantis
{

class patch_cursor
{
  public:
    patch_cursor() = default;
    patch_cursor(const transfer &transfer, const dram_tensor &tensor);

    bool is_at_end() const
    {
        return y_ == transfer_.count_y;
    }

    /* Elements passed. */
    std::uint64_t passed() const
    {
        return passed_;
    }

    /* Whether the element lies inside the tensor. */
    bool is_inside() const
    {
        const std::int64_t c = std::int64_t{transfer_.c} + c_;
        return pixel_is_inside_ && c >= 0 && c < channels_;
    }

    /* The bit of DRAM at which the element begins; it is inside. */
    std::uint64_t bit() const
    {
        return pixel_bit_ + static_cast<std::uint64_t>(std::int64_t{transfer_.c} + c_) * bits_;
    }

    void next()
    {
        passed_++;
        if (++c_ == transfer_.count_c)
            next_pixel();
    }

  private:
    void next_pixel();
    void find_pixel();

    transfer transfer_ = {};
    std::int64_t height_ = 0, width_ = 0, channels_ = 0; /* of the tensor */
    std::uint64_t first_bit_ = 0, bits_ = 0;
    std::uint32_t y_ = 0, x_ = 0, c_ = 0; /* place in the patch */
    bool pixel_is_inside_ = false;
    std::uint64_t pixel_bit_ = 0;
    std::uint64_t passed_ = 0;
};

} // namespace mantis

#endif
