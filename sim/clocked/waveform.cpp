#include "sim/clocked/waveform.h"

#include <cinttypes>

namespace mantis
{

namespace
{

/* Identifier codes: variables counted in the printable characters '!' .. '~'. */
std::string code_of(std::size_t number)
{
    constexpr std::size_t digits = '~' - '!' + 1;
    std::string code;
    do {
        code += static_cast<char>('!' + number % digits);
        number /= digits;
    } while (number--);
    return code;
}

constexpr char clock_code[] = "clock"; /* longer than those of variables ever get */

/* When a cycle begins; exact to the picosecond below. */
std::uint64_t begin_ps(std::uint64_t cycle, std::uint32_t clock_khz)
{
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(cycle) * 1000000000 /
                                      clock_khz);
}

} // namespace

waveform::waveform(const output &output, std::uint64_t first, std::uint64_t last)
    : output_(output), first_(first), last_(last)
{
}

std::unique_ptr<waveform> waveform::open(const char *path, std::uint64_t first, std::uint64_t last,
                                         struct err *err)
{
    output output;
    if (!output_open(&output, path, err))
        return nullptr;
    return std::unique_ptr<waveform>(new waveform(output, first, last));
}

waveform::~waveform()
{
    if (is_open_)
        output_discard(&output_);
}

void waveform::add(const char *scope, const std::string &name, unsigned bits, reader read)
{
    variables_.push_back({scope, name, code_of(variables_.size()), bits, std::move(read), {}});
}

bool waveform::has_variables() const
{
    return !variables_.empty();
}

bool waveform::wants(std::uint64_t cycle) const
{
    return is_open_ && cycle >= first_ && cycle <= last_;
}

/* --- writing --- */

void waveform::write_scope(const std::string &scope) const
{
    std::fprintf(output_.file, "$scope module %s $end\n", scope.c_str());
    for (const probe &variable : variables_)
        if (variable.scope == scope)
            std::fprintf(output_.file, "$var wire %u %s %s $end\n", variable.bits,
                         variable.code.c_str(), variable.name.c_str());
    std::fprintf(output_.file, "$upscope $end\n");
}

void waveform::write_header()
{
    std::fprintf(output_.file,
                 "$version mantis $end\n$timescale 1 ps $end\n"
                 "$scope module mantis $end\n$var wire 1 %s clock $end\n",
                 clock_code);
    for (std::size_t i = 0; i < variables_.size(); i++)
        if (!i || variables_[i].scope != variables_[i - 1].scope)
            write_scope(variables_[i].scope);
    std::fprintf(output_.file, "$upscope $end\n$enddefinitions $end\n");
}

void waveform::write_value(const probe &variable) const
{
    if (!variable.shown && variable.bits > 1) {
        std::fprintf(output_.file, "bz %s\n", variable.code.c_str());
        return;
    }
    if (variable.bits > 1)
        std::fputc('b', output_.file);
    for (unsigned bit = variable.bits; bit-- > 0;)
        std::fputc(!variable.shown ? 'z' : *variable.shown >> bit & 1 ? '1' : '0', output_.file);
    std::fprintf(output_.file, variable.bits > 1 ? " %s\n" : "%s\n", variable.code.c_str());
}

/* Everything of a cycle changes with its rising edge. */
void waveform::sample(std::uint64_t cycle, std::uint32_t clock_khz)
{
    const bool is_first = !is_begun_;
    if (is_first)
        write_header();
    is_begun_ = true;
    const std::uint64_t begin = begin_ps(cycle, clock_khz);
    end_ps_ = begin_ps(cycle + 1, clock_khz);
    std::fprintf(output_.file, "#%" PRIu64 "\n%s1%s\n", begin, is_first ? "$dumpvars\n" : "",
                 clock_code);
    for (probe &variable : variables_) {
        const std::optional<std::uint64_t> value = variable.read();
        if (!is_first && value == variable.shown)
            continue;
        variable.shown = value;
        write_value(variable);
    }
    std::fprintf(output_.file, "%s#%" PRIu64 "\n0%s\n", is_first ? "$end\n" : "",
                 begin + (end_ps_ - begin) / 2, clock_code);
}

bool waveform::close(struct err *err)
{
    if (!is_open_)
        return true;
    if (!is_begun_)
        write_header();
    else
        std::fprintf(output_.file, "#%" PRIu64 "\n", end_ps_);
    is_open_ = false;
    return output_commit(&output_, err);
}

} // namespace mantis
