/* For a test: what UEFI starts from a medium, and what does nothing but start the machine again. */
#include <stddef.h>
#include <stdint.h>

/* Of the tables as much as is used (UEFI Specification 2.10, 4.3 and 4.5). */
typedef struct {
    uint8_t header[24];
    void *others[10];
    void (*reset_system)(uint32_t type, uint64_t status, uint64_t bytes, void *data);
} RUNTIME_SERVICES;

typedef struct {
    uint8_t others[88];
    RUNTIME_SERVICES *runtime;
} SYSTEM_TABLE;

_Static_assert(offsetof(RUNTIME_SERVICES, reset_system) == 104, "ResetSystem");

uint64_t Restart(void *image, SYSTEM_TABLE *system);
uint64_t Restart(void *image, SYSTEM_TABLE *system)
{
    const uint32_t cold = 0;

    (void)image;
    system->runtime->reset_system(cold, 0, 0, NULL);
    return 0;
}
