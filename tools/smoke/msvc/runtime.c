/* What Microsoft's static C runtime adds to each program and the MinGW runtime lacks, for smoke tests of MSVC archives. */

/* Marks a program that uses floating point; nothing reads its value. */
int _fltused = 0x9875;

/* Only its address counts: the unwinder compares types of exceptions by name. */
const void *const type_info_table[2] __asm__("??_7type_info@@6B@") = {0, 0};
