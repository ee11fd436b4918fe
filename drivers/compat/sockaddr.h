/**
 * Socket addresses and Winsock numbers for kernel code: the kit's ws2def.h and ws2ipdef.h have them, those of
 * mingw-w64 10 do not (there they come with the user-mode headers only).
 */
#pragma once

#ifdef _MSC_VER
#include <ws2def.h>
#include <ws2ipdef.h>
#else

#include <in6addr.h>
#include <inaddr.h>
#include <ws2def.h>

typedef USHORT ADDRESS_FAMILY;

#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 23
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_IPV6 41
#define IPV6_V6ONLY 27
#define TCP_NODELAY 1
#define SOL_SOCKET 0xffff
#define SO_REUSEADDR 0x0004
#define SO_KEEPALIVE 0x0008
#define SO_BROADCAST 0x0020
#define SO_RCVBUF 0x1002
#define SO_CONDITIONAL_ACCEPT 0x3002
#define SO_EXCLUSIVEADDRUSE ((int)~SO_REUSEADDR)
#define SIO_ADDRESS_LIST_QUERY 0x48000016
#define SIO_ADDRESS_LIST_CHANGE 0x28000017
#define SIO_ADDRESS_LIST_SORT 0xC8000019

typedef struct sockaddr {
    ADDRESS_FAMILY sa_family;
    CHAR sa_data[14];
} SOCKADDR, *PSOCKADDR;

typedef struct sockaddr_in {
    ADDRESS_FAMILY sin_family;
    USHORT sin_port; /* network order */
    IN_ADDR sin_addr;
    CHAR sin_zero[8];
} SOCKADDR_IN, *PSOCKADDR_IN;

typedef struct sockaddr_in6 {
    ADDRESS_FAMILY sin6_family;
    USHORT sin6_port; /* network order */
    ULONG sin6_flowinfo;
    IN6_ADDR sin6_addr;
    union {
        ULONG sin6_scope_id;
        SCOPE_ID sin6_scope_struct;
    };
} SOCKADDR_IN6, *PSOCKADDR_IN6;

typedef struct sockaddr_storage {
    ADDRESS_FAMILY ss_family;
    CHAR __ss_pad1[6];
    __int64 __ss_align;
    CHAR __ss_pad2[112];
} SOCKADDR_STORAGE, *PSOCKADDR_STORAGE;

_Static_assert(sizeof(SOCKADDR_IN) == 16, "SOCKADDR_IN has another size");
_Static_assert(sizeof(SOCKADDR_IN6) == 28, "SOCKADDR_IN6 has another size");
_Static_assert(sizeof(SOCKADDR_STORAGE) == 128, "SOCKADDR_STORAGE has another size");

#endif
