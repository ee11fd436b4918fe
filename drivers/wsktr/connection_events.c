/* Callbacks of connections and datagram sockets, and the inspection callbacks of listeners. */
#include "callbacks.h"

#include "callback_irql.h"

static VOID RecordReceiveEnter(const EVENT *Event, ULONG Flags, const WSK_DATA_INDICATION *DataIndication,
                               SIZE_T BytesIndicated, UCHAR Side)
{
    TRACE(RECEIVE_EVENT_ENTER, Side, .callback = EventNumber(Event), .socket = Event->SocketNumber,
          .context = AS_U64(Event->Socket->Context), .indication = AS_U64(DataIndication),
          .bytes = BytesIndicated, .flags = Flags);
}

NTSTATUS WSKAPI OwnReceiveEvent(PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION DataIndication,
                                SIZE_T BytesIndicated, SIZE_T *BytesAccepted)
{
    PROXY *Socket = SocketContext;
    SIZE_T Accepted = BytesAccepted == NULL ? BytesIndicated : *BytesAccepted;
    CALLBACK_IRQL Irql;
    NTSTATUS Status;
    EVENT Event;

    EventBegin(&Event, Socket);
    CallbackIrqlDecide(&Irql, &Event, ConnectionCallbacks, Flags);
    if (Irql.IsChanged) {
        RecordReceiveEnter(&Event, Flags, DataIndication, BytesIndicated, TRACE_SIDE_PROVIDER);
    }
    CallbackIrqlEnter(&Irql);
    RecordReceiveEnter(&Event, Irql.Flags, DataIndication, BytesIndicated,
                       Irql.IsChanged ? TRACE_SIDE_DRIVER : TRACE_SIDE_BOTH);
    Status = Socket->Client.Connection.WskReceiveEvent(Socket->Context, Irql.Flags, DataIndication,
                                                       BytesIndicated, &Accepted);
    if (EventNumber(&Event) != 0) {
        TRACE(RECEIVE_EVENT_RETURN, TRACE_SIDE_BOTH, .callback = EventNumber(&Event),
              .socket = Event.SocketNumber, .bytes_accepted = Accepted, .status = (ULONG)Status);
    }
    CallbackIrqlLeave(&Irql);
    if (BytesAccepted != NULL) {
        *BytesAccepted = Accepted;
    }
    EventEnd(&Event);
    return Status;
}

static VOID RecordDisconnectEnter(const EVENT *Event, ULONG Flags, UCHAR Side)
{
    TRACE(DISCONNECT_EVENT_ENTER, Side, .callback = EventNumber(Event), .socket = Event->SocketNumber,
          .context = AS_U64(Event->Socket->Context), .flags = Flags);
}

NTSTATUS WSKAPI OwnDisconnectEvent(PVOID SocketContext, ULONG Flags)
{
    PROXY *Socket = SocketContext;
    CALLBACK_IRQL Irql;
    NTSTATUS Status;
    EVENT Event;

    EventBegin(&Event, Socket);
    CallbackIrqlDecide(&Irql, &Event, ConnectionCallbacks, Flags);
    if (Irql.IsChanged) {
        RecordDisconnectEnter(&Event, Flags, TRACE_SIDE_PROVIDER);
    }
    CallbackIrqlEnter(&Irql);
    RecordDisconnectEnter(&Event, Irql.Flags, Irql.IsChanged ? TRACE_SIDE_DRIVER : TRACE_SIDE_BOTH);
    Status = Socket->Client.Connection.WskDisconnectEvent(Socket->Context, Irql.Flags);
    EventRecordReturn(&Event, Status);
    CallbackIrqlLeave(&Irql);
    EventEnd(&Event);
    return Status;
}

NTSTATUS WSKAPI OwnSendBacklogEvent(PVOID SocketContext, SIZE_T IdealBacklogSize)
{
    PROXY *Socket = SocketContext;
    NTSTATUS Status;
    EVENT Event;

    EventBegin(&Event, Socket);
    TRACE(BACKLOG_EVENT_ENTER, TRACE_SIDE_BOTH, .callback = EventNumber(&Event), .socket = Event.SocketNumber,
          .context = AS_U64(Socket->Context), .backlog = IdealBacklogSize);
    Status = Socket->Client.Connection.WskSendBacklogEvent(Socket->Context, IdealBacklogSize);
    EventRecordReturn(&Event, Status);
    EventEnd(&Event);
    return Status;
}

/* Records have no place for datagrams yet: the call only finds its way. */
NTSTATUS WSKAPI OwnReceiveFromEvent(PVOID SocketContext, ULONG Flags, PWSK_DATAGRAM_INDICATION DataIndication)
{
    PROXY *Socket = SocketContext;

    return Socket->Client.Datagram.WskReceiveFromEvent(Socket->Context, Flags, DataIndication);
}

static VOID RecordInspect(const EVENT *Event, const WSK_INSPECT_ID *InspectID, BOOLEAN IsAbort)
{
    TRACE(INSPECT_EVENT_ENTER, TRACE_SIDE_BOTH, .callback = EventNumber(Event), .socket = Event->SocketNumber,
          .context = AS_U64(Event->Socket->Context), .inspect_key = InspectID == NULL ? 0 : InspectID->Key,
          .inspect_serial = InspectID == NULL ? 0 : InspectID->SerialNumber, .abort = IsAbort);
}

WSK_INSPECT_ACTION WSKAPI OwnInspectEvent(PVOID SocketContext, PSOCKADDR LocalAddress,
                                          PSOCKADDR RemoteAddress, PWSK_INSPECT_ID InspectID)
{
    PROXY *Socket = SocketContext;
    WSK_INSPECT_ACTION Action;
    EVENT Event;

    EventBegin(&Event, Socket);
    RecordInspect(&Event, InspectID, FALSE);
    Action = Socket->Client.Listen.WskInspectEvent(Socket->Context, LocalAddress, RemoteAddress, InspectID);
    EventRecordReturn(&Event, (NTSTATUS)Action);
    EventEnd(&Event);
    return Action;
}

NTSTATUS WSKAPI OwnAbortEvent(PVOID SocketContext, PWSK_INSPECT_ID InspectID)
{
    PROXY *Socket = SocketContext;
    NTSTATUS Status;
    EVENT Event;

    EventBegin(&Event, Socket);
    RecordInspect(&Event, InspectID, TRUE);
    Status = Socket->Client.Listen.WskAbortEvent(Socket->Context, InspectID);
    EventRecordReturn(&Event, Status);
    EventEnd(&Event);
    return Status;
}
