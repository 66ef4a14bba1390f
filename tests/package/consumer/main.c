/* A consumer of the tally package in C: prints 42 when header and library fit. */
#include <stdio.h>
#include <tally/tally.h>

int main(void) {
    printf("%u\n", (unsigned)tally_add(40, 2));
    return 0;
}
