#include "entropy.h"

#include "linux.h"

#define LINUX_O_WRONLY 1
#define LINUX_RNDRESEEDCRNG 0x5207

/*
 * Bytes written to urandom are used at the next reseeding, which may be minutes away: the ioctl asks for it
 * now. (The machine's generation id would tell Linux as well, from 5.18 on; Debian's cloud kernel 6.1 has no
 * driver for it.)
 */
static bool ReseedLinux(const unsigned char *bytes, unsigned int length)
{
    const long long device = LinuxCall(LINUX_OPEN, (long long)"/dev/urandom", LINUX_O_WRONLY, 0);
    bool is_done;

    if (device < 0) {
        return false;
    }
    is_done = LinuxCall(LINUX_WRITE, device, (long long)bytes, length) == (long long)length &&
              LinuxCall(LINUX_IOCTL, device, LINUX_RNDRESEEDCRNG, 0) == 0;
    LinuxCall(LINUX_CLOSE, device, 0, 0);
    return is_done;
}

DWORD Reseed(const unsigned char *bytes, unsigned int length)
{
    if (length < 32) {
        return ERROR_INVALID_PARAMETER;
    }
    /* Windows reseeds when the machine's generation id has changed, and takes no bytes from a program. */
    return !IsWine() || ReseedLinux(bytes, length) ? ERROR_SUCCESS : ERROR_GEN_FAILURE;
}
