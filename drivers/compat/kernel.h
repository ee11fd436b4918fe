/**
 * The kernel headers, and what Debian's mingw-w64 10 lacks of them. The one file that knows the toolchain.
 *
 * A build with the WDK (_MSC_VER) needs only the first half.
 */
#pragma once

#ifdef _MSC_VER

#include <ntddk.h>

#else

/* wdm.h defines these two as static functions. The intrinsics' header must not declare them extern before:
 * with the Microsoft extensions on, every object would then export them. */
#define __INTRINSIC_DEFINED_InterlockedBitTestAndSet
#define __INTRINSIC_DEFINED_InterlockedBitTestAndReset
#include <ntddk.h>

/* Annotations that sal.h and driverspecs.h of mingw-w64 do not have. */
#ifndef _IRQL_requires_
#define _IRQL_requires_(Irql)
#endif
#ifndef _IRQL_requires_min_
#define _IRQL_requires_min_(Irql)
#endif
#ifndef _IRQL_requires_max_
#define _IRQL_requires_max_(Irql)
#endif
#ifndef _IRQL_requires_same_
#define _IRQL_requires_same_
#endif
#ifndef _IRQL_raises_
#define _IRQL_raises_(Irql)
#endif
#ifndef _IRQL_saves_
#define _IRQL_saves_
#endif
#ifndef _IRQL_restores_
#define _IRQL_restores_
#endif
#ifndef _Function_class_
#define _Function_class_(Class)
#endif
#ifndef _Dispatch_type_
#define _Dispatch_type_(Major)
#endif
#ifndef _Requires_lock_held_
#define _Requires_lock_held_(Lock)
#endif
#ifndef _Requires_lock_not_held_
#define _Requires_lock_not_held_(Lock)
#endif
#ifndef _Acquires_lock_
#define _Acquires_lock_(Lock)
#endif
#ifndef _Releases_lock_
#define _Releases_lock_(Lock)
#endif
#ifndef _Guarded_by_
#define _Guarded_by_(Lock)
#endif
#ifndef _Interlocked_operand_
#define _Interlocked_operand_
#endif
#ifndef _Outptr_
#define _Outptr_
#endif
#ifndef _Outptr_result_maybenull_
#define _Outptr_result_maybenull_
#endif
#ifndef _Reserved_
#define _Reserved_
#endif
#ifndef _Use_decl_annotations_
#define _Use_decl_annotations_
#endif

#ifndef STATUS_EVENT_PENDING
#define STATUS_EVENT_PENDING ((NTSTATUS)0x40000013L)
#endif
#ifndef STATUS_REQUEST_NOT_ACCEPTED
#define STATUS_REQUEST_NOT_ACCEPTED ((NTSTATUS)0xC00000D0L)
#endif
#ifndef STATUS_DATA_NOT_ACCEPTED
#define STATUS_DATA_NOT_ACCEPTED ((NTSTATUS)0xC000021BL)
#endif

/* wdm.h has them as functions of the Microsoft compiler. */
#undef RtlUshortByteSwap
#undef RtlUlongByteSwap
#undef RtlUlonglongByteSwap
#define RtlUshortByteSwap(Value) __builtin_bswap16(Value)
#define RtlUlongByteSwap(Value) __builtin_bswap32(Value)
#define RtlUlonglongByteSwap(Value) __builtin_bswap64(Value)

#ifndef POOL_FLAG_NON_PAGED
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ULL
#define POOL_FLAG_NON_PAGED 0x0000000000000040ULL
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ULL
#define POOL_FLAG_PAGED 0x0000000000000100ULL
#endif

#endif

/**
 * Zeroed, non-executable, non-paged memory; NULL when there is none. Release it with ExFreePoolWithTag and
 * the same tag.
 *
 * By ExAllocatePoolWithTag and not ExAllocatePool2: the older name is there on every guest.
 */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ FORCEINLINE PVOID
    PoolAllocate(_In_ SIZE_T Size, _In_ ULONG Tag)
{
    PVOID memory = ExAllocatePoolWithTag(NonPagedPoolNx, Size, Tag);
    if (memory != NULL) {
        RtlZeroMemory(memory, Size);
    }
    return memory;
}
