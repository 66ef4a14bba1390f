/* A consumer of the tally package in C++: prints 42 when header and library fit. */
#include <iostream>
#include <tally/tally.h>

int main() {
    std::cout << tally_add(40, 2) << '\n';
    return 0;
}
