/* A consumer of the packed library: starts and ends the runtime, and says which library it found. */
#include <stdio.h>
#include <nnrp/nnrp.h>

int main(void) {
    NnrpHandle queue = 0;
    if (nnrp_abi_version() >> 16 != NNRP_ABI_VERSION_MAJOR)
        return 1;
    if (nnrp_queue_create(16, &queue, NULL) != NNRP_STATUS_OK)
        return 2;
    if (nnrp_queue_close(queue, NULL) != NNRP_STATUS_OK)
        return 3;
    puts(nnrp_build_info());
    return 0;
}
