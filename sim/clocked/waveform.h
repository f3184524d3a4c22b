/* A waveform as a value change dump (IEEE 1364-2005, section 18): variables in scopes, sampled
 * once a cycle. */
#ifndef MANTIS_SIM_CLOCKED_WAVEFORM_H
#define MANTIS_SIM_CLOCKED_WAVEFORM_H

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

extern "C" {
#include "isa/err.h"
#include "sim/output.h"
}

namespace mantis
{

class waveform
{
  public:
    /* A variable's value in this cycle; its lowest `bits` count. None is shown as high
     * impedance. */
    using reader = std::function<std::optional<std::uint64_t>()>;

    /* Of cycles first .. last; nullptr, with the error set, where the file cannot be written. */
    static std::unique_ptr<waveform> open(const char *path, std::uint64_t first, std::uint64_t last,
                                          struct err *err);
    ~waveform(); /* without close(): there is no file */

    /* Before the first sample. Scopes are as long as variables are added to them one after the
     * other. */
    void add(const char *scope, const std::string &name, unsigned bits, reader read);
    bool has_variables() const;

    bool wants(std::uint64_t cycle) const;

    /* The state of `cycle`, of a clock of clock_khz. */
    void sample(std::uint64_t cycle, std::uint32_t clock_khz);

    /* False, with the error set, if anything could not be written: there is no file then. */
    bool close(struct err *err);

  private:
    struct probe {
        std::string scope, name, code;
        unsigned bits;
        reader read;
        std::optional<std::uint64_t> shown;
    };

    waveform(const output &output, std::uint64_t first, std::uint64_t last);
    void write_header();
    void write_scope(const std::string &scope) const;
    void write_value(const probe &variable) const;

    output output_;
    bool is_open_ = true, is_begun_ = false;
    std::uint64_t first_, last_;
    std::uint64_t end_ps_ = 0; /* of the last cycle sampled */
    std::vector<probe> variables_;
};

} // namespace mantis

#endif
