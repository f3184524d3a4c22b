#include "sim/report_parts.h"

/* MANTIS_REPORT_DIR is the folder of the files. */
#define EMBED(id, file)                                           \
    __asm__(".section .rodata\n"                                  \
            ".global report_part_" #id "\nreport_part_" #id ":\n" \
            ".incbin \"" MANTIS_REPORT_DIR "/" file "\"\n"        \
            ".byte 0\n"                                           \
            ".previous\n");
REPORT_PARTS(EMBED)
