/*
 * What the firmware starts: from the medium (PROMPT defined) it asks for a key as Windows' media do, and
 * gives the boot back to the firmware if none comes; from the disk it asks nothing. Then Linux' own EFI stub
 * takes over, from the same file system.
 */
#include "efi.h"

#define KERNEL u"\\EFI\\wsklab\\vmlinuz"
#define COMMON_OPTIONS                                                                                       \
    u"initrd=\\EFI\\wsklab\\initrd console=tty0 console=ttyS0 quiet panic=-1 mitigations=off "
#ifdef PROMPT
#define OPTIONS COMMON_OPTIONS u"wsklab.root=medium"
#else
#define OPTIONS COMMON_OPTIONS u"wsklab.root=disk"
#endif
#define PROMPT_100NS (5 * 10000000ull)

static const EFI_GUID LOADED_IMAGE = {
    0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static const EFI_GUID DEVICE_PATH = {
    0x09576e91, 0x6d3f, 0x11d2, {0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};

static void Copy(void *to, const void *from, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        ((unsigned char *)to)[i] = ((const unsigned char *)from)[i];
    }
}

#ifdef PROMPT
static EFI_STATUS WaitForKey(EFI_SYSTEM_TABLE *system)
{
    EFI_EVENT events[] = {system->input->wait_for_key, NULL};
    uint64_t index = 1;
    EFI_KEY key;
    EFI_STATUS status = system->boot->create_event(EVT_TIMER, 0, NULL, NULL, &events[1]);

    if (status != EFI_SUCCESS) {
        return status;
    }
    system->boot->set_timer(events[1], TIMER_RELATIVE, PROMPT_100NS);
    system->output->output_string(system->output, u"Press any key to boot from CD or DVD......");
    status = system->boot->wait_for_event(2, events, &index);
    system->output->output_string(system->output, u"\r\n");
    if (status == EFI_SUCCESS && index != 0) {
        return EFI_TIMEOUT;
    }
    system->input->read_key(system->input, &key);
    return status;
}
#endif

static uint16_t LengthOf(const EFI_DEVICE_PATH *node)
{
    return (uint16_t)(node->length[0] | node->length[1] << 8);
}

static void PutNode(void *to, uint8_t type, uint8_t subtype, uint16_t length)
{
    const EFI_DEVICE_PATH node = {type, subtype, {(uint8_t)length, (uint8_t)(length >> 8)}};
    Copy(to, &node, sizeof node);
}

/* The device's path, then the file's name; NULL: no memory. */
static EFI_DEVICE_PATH *FilePath(EFI_BOOT_SERVICES *boot, EFI_DEVICE_PATH *device)
{
    const uint16_t file_bytes = sizeof(EFI_DEVICE_PATH) + sizeof KERNEL;
    uint64_t device_bytes = 0;
    unsigned char *path;

    for (EFI_DEVICE_PATH *node = device; node->type != END_DEVICE_PATH;
         node = (EFI_DEVICE_PATH *)((unsigned char *)device + device_bytes)) {
        device_bytes += LengthOf(node);
    }
    if (boot->allocate_pool(EFI_LOADER_DATA, device_bytes + file_bytes + sizeof(EFI_DEVICE_PATH),
                            (void **)&path) != EFI_SUCCESS) {
        return NULL;
    }
    Copy(path, device, device_bytes);
    PutNode(path + device_bytes, MEDIA_DEVICE_PATH, MEDIA_FILE_PATH, file_bytes);
    Copy(path + device_bytes + sizeof(EFI_DEVICE_PATH), KERNEL, sizeof KERNEL);
    PutNode(path + device_bytes + file_bytes, END_DEVICE_PATH, END_ENTIRE_DEVICE_PATH,
            sizeof(EFI_DEVICE_PATH));
    return (EFI_DEVICE_PATH *)path;
}

static EFI_STATUS StartKernel(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
    static CHAR16 options[] = OPTIONS;
    EFI_BOOT_SERVICES *const boot = system->boot;
    EFI_LOADED_IMAGE *image;
    EFI_DEVICE_PATH *path;
    EFI_HANDLE kernel;
    EFI_STATUS status = boot->handle_protocol(self, &LOADED_IMAGE, (void **)&image);

    if (status == EFI_SUCCESS) {
        status = boot->handle_protocol(image->device, &DEVICE_PATH, (void **)&path);
    }
    if (status == EFI_SUCCESS) {
        status = boot->load_image(false, self, FilePath(boot, path), NULL, 0, &kernel);
    }
    if (status == EFI_SUCCESS) {
        status = boot->handle_protocol(kernel, &LOADED_IMAGE, (void **)&image);
    }
    if (status != EFI_SUCCESS) {
        return status;
    }
    image->options = options;
    image->options_size = sizeof options;
    return boot->start_image(kernel, NULL, NULL);
}

EFI_STATUS LoaderEntry(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS LoaderEntry(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
    EFI_STATUS status = EFI_SUCCESS;

#ifdef PROMPT
    status = WaitForKey(system);
#endif
    if (status == EFI_SUCCESS) {
        status = StartKernel(self, system);
    }
    if (status != EFI_SUCCESS && status != EFI_TIMEOUT) {
        system->output->output_string(system->output, u"stand-in: the kernel cannot be started\r\n");
    }
    return status;
}
