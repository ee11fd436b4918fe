/*
 * What echoctl.exe asks of a running echo.sys, through \\.\WskEcho-SERVICE. Every command is METHOD_BUFFERED,
 * takes no input and gives an ECHO_REPLY; it is carried out by the driver's worker, in order.
 */
#ifndef ECHO_IOCTL_H
#define ECHO_IOCTL_H

#include <stdint.h>

/* Followed by the name of the service, so that several of its kind can be loaded. */
#define ECHO_DEVICE_PREFIX L"\\Device\\WskEcho-"
#define ECHO_LINK_PREFIX L"\\??\\WskEcho-"
#define ECHO_USER_PREFIX L"\\\\.\\WskEcho-"
#define ECHO_MAX_SERVICE_CHARS 32

/* CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800 + n, METHOD_BUFFERED, FILE_ANY_ACCESS) */
#define ECHO_CODE(n) ((0x22u << 16) | ((0x800u + (n)) << 2))

#define IOCTL_ECHO_STATUS ECHO_CODE(0)      /* nothing but the reply */
#define IOCTL_ECHO_ENABLE ECHO_CODE(1)      /* enable the listener's events */
#define IOCTL_ECHO_DISABLE ECHO_CODE(2)     /* disable WSK_EVENT_ACCEPT without an IRP */
#define IOCTL_ECHO_DISABLE_IRP ECHO_CODE(3) /* disable it with an IRP, and wait for that */
#define IOCTL_ECHO_DISABLE_SELF                                                                              \
    ECHO_CODE(4)                      /* have the next WskAcceptEvent disable itself without an IRP          \
                                       */
#define IOCTL_ECHO_CLOSE ECHO_CODE(5) /* close the listening socket */
#define IOCTL_ECHO_OPEN ECHO_CODE(6)  /* open it again */

typedef struct ECHO_REPLY {
    uint32_t
        status; /* NTSTATUS of what was asked; STATUS_INVALID_DEVICE_STATE: there is no listening socket */
    uint32_t accepted; /* connections, since the driver was loaded */
    uint32_t rejected;
    uint32_t open;      /* connections that are open now */
    uint32_t listening; /* 1: there is a listening socket */
} ECHO_REPLY;

#endif
