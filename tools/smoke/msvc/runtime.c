/* What Microsoft's static C runtime adds to each program and the MinGW runtime lacks, for smoke tests of MSVC archives. */

/* Marks a program that uses floating point; nothing reads its value. */
int _fltused = 0x9875;

/* Only its address counts: the unwinder compares types of exceptions by name. */
const void *const type_info_table[2] __asm__("??_7type_info@@6B@") = {0, 0};

#if defined(__i386__)

/* 64-bit division, called with both numbers on the stack, which the callee clears. */
unsigned long long divide_unsigned(unsigned long long a, unsigned long long b) __asm__("__aulldiv")
    __attribute__((stdcall));
unsigned long long remainder_unsigned(unsigned long long a, unsigned long long b) __asm__("__aullrem")
    __attribute__((stdcall));
long long divide_signed(long long a, long long b) __asm__("__alldiv") __attribute__((stdcall));
long long remainder_signed(long long a, long long b) __asm__("__allrem") __attribute__((stdcall));

unsigned long long divide_unsigned(unsigned long long a, unsigned long long b) { return a / b; }
unsigned long long remainder_unsigned(unsigned long long a, unsigned long long b) { return a % b; }
long long divide_signed(long long a, long long b) { return a / b; }
long long remainder_signed(long long a, long long b) { return a % b; }

/* Touches each page of a large stack frame: MinGW's has another name. */
__asm__(".globl __chkstk\n__chkstk:\n\tjmp __alloca\n");

/* Where the thread's block holds the pointers to its thread-local storage. */
__asm__(".globl __tls_array\n__tls_array = 0x2C\n");

#endif
