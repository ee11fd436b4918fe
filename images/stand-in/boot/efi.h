/* As much of UEFI as the loader needs (UEFI Specification 2.10, chapters 4, 7, 9, 10 and 12). */
#ifndef STAND_IN_EFI_H
#define STAND_IN_EFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t EFI_STATUS;
typedef void *EFI_HANDLE;
typedef void *EFI_EVENT;
typedef uint16_t CHAR16;

#define EFI_SUCCESS 0
#define EFI_ERROR(code) ((code) | 0x8000000000000000ull)
#define EFI_TIMEOUT EFI_ERROR(18)

typedef struct {
    uint32_t data1;
    uint16_t data2, data3;
    uint8_t data4[8];
} EFI_GUID;

typedef struct {
    uint8_t type, subtype;
    uint8_t length[2]; /* of the whole node, the lower byte first */
} EFI_DEVICE_PATH;

#define MEDIA_DEVICE_PATH 4
#define MEDIA_FILE_PATH 4
#define END_DEVICE_PATH 0x7f
#define END_ENTIRE_DEVICE_PATH 0xff

typedef struct EFI_TEXT_OUTPUT {
    void *reset;
    EFI_STATUS (*output_string)(struct EFI_TEXT_OUTPUT *output, const CHAR16 *text);
} EFI_TEXT_OUTPUT;

typedef struct {
    uint16_t scan_code;
    CHAR16 character;
} EFI_KEY;

typedef struct EFI_TEXT_INPUT {
    EFI_STATUS (*reset)(struct EFI_TEXT_INPUT *input, bool extended);
    EFI_STATUS (*read_key)(struct EFI_TEXT_INPUT *input, EFI_KEY *key);
    EFI_EVENT wait_for_key;
} EFI_TEXT_INPUT;

#define EVT_TIMER 0x80000000u
#define TIMER_RELATIVE 2

typedef struct {
    unsigned char header[24];
    void *before_pool[5];
    EFI_STATUS (*allocate_pool)(int memory_type, uint64_t size, void **buffer);
    void *free_pool;
    EFI_STATUS (*create_event)(uint32_t type, uint64_t level, void *notify, void *context, EFI_EVENT *event);
    EFI_STATUS (*set_timer)(EFI_EVENT event, int type, uint64_t time_100ns);
    EFI_STATUS (*wait_for_event)(uint64_t count, EFI_EVENT *events, uint64_t *index);
    void *before_protocol[6];
    EFI_STATUS (*handle_protocol)(EFI_HANDLE handle, const EFI_GUID *protocol, void **interface);
    void *before_image[5];
    EFI_STATUS(*load_image)
    (bool by_boot_manager, EFI_HANDLE parent, EFI_DEVICE_PATH *path, void *source, uint64_t source_size,
     EFI_HANDLE *image);
    EFI_STATUS (*start_image)(EFI_HANDLE image, uint64_t *exit_data_size, CHAR16 **exit_data);
} EFI_BOOT_SERVICES;

_Static_assert(offsetof(EFI_BOOT_SERVICES, allocate_pool) == 64, "table 4.4");
_Static_assert(offsetof(EFI_BOOT_SERVICES, handle_protocol) == 152, "table 4.4");
_Static_assert(offsetof(EFI_BOOT_SERVICES, load_image) == 200, "table 4.4");

#define EFI_LOADER_DATA 2

typedef struct {
    unsigned char header[24];
    void *vendor;
    uint32_t revision;
    EFI_HANDLE input_handle;
    EFI_TEXT_INPUT *input;
    EFI_HANDLE output_handle;
    EFI_TEXT_OUTPUT *output;
    EFI_HANDLE error_handle;
    EFI_TEXT_OUTPUT *error;
    void *runtime;
    EFI_BOOT_SERVICES *boot;
} EFI_SYSTEM_TABLE;

typedef struct {
    uint32_t revision;
    EFI_HANDLE parent;
    EFI_SYSTEM_TABLE *system;
    EFI_HANDLE device;
    EFI_DEVICE_PATH *path;
    void *reserved;
    uint32_t options_size; /* in bytes */
    void *options;
} EFI_LOADED_IMAGE;

#endif
