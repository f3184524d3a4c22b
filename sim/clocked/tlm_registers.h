/* The register map of mantis_accelerator (docs/platform.md): plain C, so that drivers and firmware
 * include it too. All registers are 32 bits wide; 64-bit values are a _LOW and a _HIGH register. */
#ifndef MANTIS_SIM_CLOCKED_TLM_REGISTERS_H
#define MANTIS_SIM_CLOCKED_TLM_REGISTERS_H

enum {
    MANTIS_IDENTIFICATION_VALUE = 0x4D414E54, /* "MANT" */
    MANTIS_VERSION_VALUE = 0x00010000         /* of this map: major, minor, 16 bits each */
};

/* X(NAME, offset, access, reset value, what it holds)
 * RO reads only; RW reads and writes; WO writes only, reads as 0; W1C reads, and a written 1 clears
 * its bit. */
#define MANTIS_REGISTERS(X)                                                                       \
    X(IDENTIFICATION, 0x00, RO, MANTIS_IDENTIFICATION_VALUE,                                      \
      "tells that this is mantis: \"MANT\"")                                                      \
    X(VERSION, 0x04, RO, MANTIS_VERSION_VALUE,                                                    \
      "of this register map: major in 31:16, minor in 15:0")                                      \
    X(CONTROL, 0x08, WO, 0, "commands")                                                           \
    X(STATUS, 0x0C, RO, 0, "state in 7:0, error code in 15:8, busy in 16")                        \
    X(INTERRUPT_ENABLE, 0x10, RW, 0, "interrupts that raise the output")                          \
    X(INTERRUPT_STATUS, 0x14, W1C, 0, "interrupts that are pending")                              \
    X(ERROR_ADDRESS_LOW, 0x18, RO, 0, "bus address of the access that failed")                    \
    X(ERROR_ADDRESS_HIGH, 0x1C, RO, 0, "its upper half")                                          \
    X(PROGRAM_ADDRESS_LOW, 0x20, RW, 0, "bus address of the program, the bytes of a .mprog file") \
    X(PROGRAM_ADDRESS_HIGH, 0x24, RW, 0, "its upper half")                                        \
    X(PROGRAM_BYTES, 0x28, RW, 0, "size of the program")                                          \
    X(DRAM_BASE_LOW, 0x30, RW, 0, "bus address of byte 0 of the program's DRAM")                  \
    X(DRAM_BASE_HIGH, 0x34, RW, 0, "its upper half")                                              \
    X(CYCLES_LOW, 0x38, RO, 0,                                                                    \
      "clock cycles of the run, up to now or in all; latches the upper half")                     \
    X(CYCLES_HIGH, 0x3C, RO, 0, "the upper half at the last read of CYCLES_LOW")                  \
    X(DRAM_BYTES_LOW, 0x40, RO, 0, "DRAM that the loaded program uses, from byte 0 on")           \
    X(DRAM_BYTES_HIGH, 0x44, RO, 0, "its upper half")                                             \
    X(INPUT_OFFSET_LOW, 0x48, RO, 0, "where in its DRAM the loaded program reads its input")      \
    X(INPUT_OFFSET_HIGH, 0x4C, RO, 0, "its upper half")                                           \
    X(INPUT_BYTES, 0x50, RO, 0, "size of the input, its codes packed")                            \
    X(OUTPUT_OFFSET_LOW, 0x58, RO, 0, "where in its DRAM the loaded program leaves its output")   \
    X(OUTPUT_OFFSET_HIGH, 0x5C, RO, 0, "its upper half")                                          \
    X(OUTPUT_BYTES, 0x60, RO, 0, "size of the output, its codes packed")

#define MANTIS_REGISTER_OFFSET(name, offset, access, reset, help) MANTIS_##name = offset,
enum mantis_register { MANTIS_REGISTERS(MANTIS_REGISTER_OFFSET) MANTIS_REGISTER_SPACE = 0x100 };
#undef MANTIS_REGISTER_OFFSET

/* Bits of CONTROL. LOAD | START reads a program and runs it. X(NAME, bit, what it does) */
#define MANTIS_COMMANDS(X)                                  \
    X(LOAD, 0, "read the program from memory and check it") \
    X(START, 1, "run the loaded program once")              \
    X(RESET, 2, "all registers to their reset values, the program forgotten, a run given up")

#define MANTIS_COMMAND_BIT(name, bit, help) MANTIS_COMMAND_##name = 1 << bit,
enum mantis_command { MANTIS_COMMANDS(MANTIS_COMMAND_BIT) };
#undef MANTIS_COMMAND_BIT

/* Bits of INTERRUPT_ENABLE and INTERRUPT_STATUS. X(NAME, bit, when) */
#define MANTIS_INTERRUPTS(X)                                    \
    X(LOADED, 0, "a LOAD without START is complete")            \
    X(DONE, 1, "a run is complete; its output is in memory")    \
    X(FAILED, 2, "a LOAD or a run has failed; STATUS says why") \
    X(REFUSED, 3, "a write was refused, with a bus error, as the accelerator is busy")

#define MANTIS_INTERRUPT_BIT(name, bit, help) MANTIS_INTERRUPT_##name = 1 << bit,
enum mantis_interrupt { MANTIS_INTERRUPTS(MANTIS_INTERRUPT_BIT) };
#undef MANTIS_INTERRUPT_BIT

/* STATUS 7:0. X(NAME, value, what it means) */
#define MANTIS_STATES(X)                                        \
    X(IDLE, 0, "no program is loaded")                          \
    X(LOADING, 1, "busy: reads and checks a program")           \
    X(READY, 2, "a program is loaded")                          \
    X(RUNNING, 3, "busy: runs the program")                     \
    X(DONE, 4, "the run is complete; the program stays loaded") \
    X(FAILED, 5, "the last command has failed")                 \
    X(STOPPING, 6, "busy: RESET waits for the transactions on their way, then IDLE")

#define MANTIS_STATE_VALUE(name, value, help) MANTIS_STATE_##name = value,
enum mantis_state { MANTIS_STATES(MANTIS_STATE_VALUE) };
#undef MANTIS_STATE_VALUE

/* STATUS 15:8. X(NAME, value, what it means) */
#define MANTIS_ERRORS(X)                                                        \
    X(NONE, 0, "no error")                                                      \
    X(NO_PROGRAM, 1, "START without a loaded program")                          \
    X(BAD_RANGE, 2, "program or DRAM pass the end of the 64-bit address space") \
    X(PROGRAM_ACCESS, 3, "reading the program: the bus answered with an error") \
    X(BAD_PROGRAM, 4, "the program is damaged, unsafe, or not one")             \
    X(DRAM_ACCESS, 5, "a transfer of the run: the bus answered with an error")  \
    X(NO_MEMORY, 6, "the simulation itself is out of memory")

#define MANTIS_ERROR_VALUE(name, value, help) MANTIS_ERROR_##name = value,
enum mantis_error_code { MANTIS_ERRORS(MANTIS_ERROR_VALUE) };
#undef MANTIS_ERROR_VALUE

/* Fields of STATUS. */
#define MANTIS_STATUS_STATE(status) ((status)&0xFFu)
#define MANTIS_STATUS_ERROR(status) ((status) >> 8 & 0xFFu)
#define MANTIS_STATUS_BUSY 0x10000u

#endif
