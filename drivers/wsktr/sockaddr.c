#include "sockaddr.h"

static USHORT FromNetworkOrder(USHORT Value)
{
    return (USHORT)(Value << 8 | Value >> 8);
}

_Use_decl_annotations_ ULONG SockaddrBytes(ADDRESS_FAMILY Family)
{
    switch (Family) {
    case AF_INET:
        return sizeof(SOCKADDR_IN);
    case AF_INET6:
        return sizeof(SOCKADDR_IN6);
    default:
        return sizeof(SOCKADDR);
    }
}

_Use_decl_annotations_ TRACE_SOCKADDR SockaddrForTrace(const SOCKADDR *Address)
{
    TRACE_SOCKADDR Result = {.family = TRACE_NULL_FAMILY};

    if (Address == NULL || !MmIsAddressValid((PVOID)Address)) {
        return Result;
    }
    Result.family = Address->sa_family;
    if (Address->sa_family == AF_INET) {
        const SOCKADDR_IN *Ip4 = (const SOCKADDR_IN *)Address;

        Result.port = FromNetworkOrder(Ip4->sin_port);
        RtlCopyMemory(Result.address, &Ip4->sin_addr, sizeof(Ip4->sin_addr));
    } else if (Address->sa_family == AF_INET6) {
        const SOCKADDR_IN6 *Ip6 = (const SOCKADDR_IN6 *)Address;

        Result.port = FromNetworkOrder(Ip6->sin6_port);
        Result.scope = Ip6->sin6_scope_id;
        RtlCopyMemory(Result.address, &Ip6->sin6_addr, sizeof(Ip6->sin6_addr));
    } else {
        RtlCopyMemory(Result.address, Address->sa_data, sizeof(Address->sa_data));
    }
    return Result;
}
