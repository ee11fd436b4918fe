/* Socket addresses of the two families that the lab speaks. */
#ifndef SOCKADDR_H
#define SOCKADDR_H

#include "recorder.h"

/* Bytes of the family's SOCKADDR; those of SOCKADDR for a family that is not known. */
_IRQL_requires_max_(DISPATCH_LEVEL) ULONG SockaddrBytes(_In_ ADDRESS_FAMILY Family);

/* As records carry it. NULL, or an address that cannot be read, becomes TRACE_NULL_FAMILY. */
_IRQL_requires_max_(DISPATCH_LEVEL) TRACE_SOCKADDR SockaddrForTrace(_In_opt_ const SOCKADDR *Address);

#endif
