/** Work items on the host's thread pool: the whole family, because its structure is private to it. */
#include "ntsup.h"

#define WORK_ITEM_TAG 'iWsN'

struct _IO_WORKITEM {
    PVOID IoObject;
    PVOID Context;
    PIO_WORKITEM_ROUTINE Routine;
    PIO_WORKITEM_ROUTINE_EX RoutineEx;
};

/* The item may be freed or queued again by the routine: only copies are used after the call began. */
static ULONG NTAPI RunIoWorkItem(PVOID Parameter)
{
    struct _IO_WORKITEM item = *(struct _IO_WORKITEM *)Parameter;
    if (item.RoutineEx != NULL) {
        item.RoutineEx(item.IoObject, item.Context, Parameter);
    } else {
        item.Routine(item.IoObject, item.Context);
    }
    return 0;
}

static ULONG NTAPI RunWorkItem(PVOID Parameter)
{
    PWORK_QUEUE_ITEM item = Parameter;
    item->WorkerRoutine(item->Parameter);
    return 0;
}

static VOID Queue(HOST_THREAD_ROUTINE Routine, PVOID Item)
{
    if (!QueueUserWorkItem(Routine, Item, 0)) {
        BUGCHECK(MUST_SUCCEED_POOL_EMPTY, 0, Item);
    }
}

ULONG NTAPI SupIoSizeofWorkItem(VOID);
ULONG NTAPI SupIoSizeofWorkItem(VOID)
{
    return sizeof(struct _IO_WORKITEM);
}
SUPPLIES(IoSizeofWorkItem);

VOID NTAPI SupIoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem);
VOID NTAPI SupIoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem)
{
    RtlZeroMemory(IoWorkItem, sizeof(*IoWorkItem));
    IoWorkItem->IoObject = IoObject;
}
SUPPLIES(IoInitializeWorkItem);

VOID NTAPI SupIoUninitializeWorkItem(PIO_WORKITEM IoWorkItem);
VOID NTAPI SupIoUninitializeWorkItem(PIO_WORKITEM IoWorkItem)
{
    UNREFERENCED_PARAMETER(IoWorkItem);
}
SUPPLIES(IoUninitializeWorkItem);

PIO_WORKITEM NTAPI SupIoAllocateWorkItem(PDEVICE_OBJECT DeviceObject);
PIO_WORKITEM NTAPI SupIoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
    PIO_WORKITEM item = PoolAllocate(sizeof(*item), WORK_ITEM_TAG);
    if (item != NULL) {
        item->IoObject = DeviceObject;
    }
    return item;
}
SUPPLIES(IoAllocateWorkItem);

VOID NTAPI SupIoFreeWorkItem(PIO_WORKITEM IoWorkItem);
VOID NTAPI SupIoFreeWorkItem(PIO_WORKITEM IoWorkItem)
{
    ExFreePoolWithTag(IoWorkItem, WORK_ITEM_TAG);
}
SUPPLIES(IoFreeWorkItem);

VOID NTAPI SupIoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine,
                              WORK_QUEUE_TYPE QueueType, PVOID Context);
VOID NTAPI SupIoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine,
                              WORK_QUEUE_TYPE QueueType, PVOID Context)
{
    UNREFERENCED_PARAMETER(QueueType);
    IoWorkItem->Routine = WorkerRoutine;
    IoWorkItem->RoutineEx = NULL;
    IoWorkItem->Context = Context;
    Queue(RunIoWorkItem, IoWorkItem);
}
SUPPLIES(IoQueueWorkItem);

VOID NTAPI SupIoQueueWorkItemEx(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                                WORK_QUEUE_TYPE QueueType, PVOID Context);
VOID NTAPI SupIoQueueWorkItemEx(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                                WORK_QUEUE_TYPE QueueType, PVOID Context)
{
    UNREFERENCED_PARAMETER(QueueType);
    IoWorkItem->RoutineEx = WorkerRoutine;
    IoWorkItem->Context = Context;
    Queue(RunIoWorkItem, IoWorkItem);
}
SUPPLIES(IoQueueWorkItemEx);

VOID NTAPI SupExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType);
VOID NTAPI SupExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    UNREFERENCED_PARAMETER(QueueType);
    Queue(RunWorkItem, WorkItem);
}
