/* Callbacks of connections and datagram sockets, and the inspection callbacks of listeners. */
#include "callbacks.h"

#include "event.h"

NTSTATUS WSKAPI OwnReceiveEvent(PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION DataIndication,
                                SIZE_T BytesIndicated, SIZE_T *BytesAccepted)
{
    PROXY *Socket = SocketContext;
    SIZE_T Accepted = BytesAccepted == NULL ? BytesIndicated : *BytesAccepted;
    NTSTATUS Status;
    EVENT Event;

    EventBegin(&Event, Socket);
    TRACE(RECEIVE_EVENT_ENTER, TRACE_SIDE_BOTH, .callback = EventNumber(&Event), .socket = Event.SocketNumber,
          .context = AS_U64(Socket->Context), .indication = AS_U64(DataIndication), .bytes = BytesIndicated,
          .flags = Flags);
    Status = Socket->Client.Connection.WskReceiveEvent(Socket->Context, Flags, DataIndication, BytesIndicated,
                                                       &Accepted);
    if (EventNumber(&Event) != 0) {
        TRACE(RECEIVE_EVENT_RETURN, TRACE_SIDE_BOTH, .callback = EventNumber(&Event),
              .socket = Event.SocketNumber, .bytes_accepted = Accepted, .status = (ULONG)Status);
    }
    if (BytesAccepted != NULL) {
        *BytesAccepted = Accepted;
    }
    EventEnd(&Event);
    return Status;
}

NTSTATUS WSKAPI OwnDisconnectEvent(PVOID SocketContext, ULONG Flags)
{
    PROXY *Socket = SocketContext;
    NTSTATUS Status;
    EVENT Event;

    EventBegin(&Event, Socket);
    TRACE(DISCONNECT_EVENT_ENTER, TRACE_SIDE_BOTH, .callback = EventNumber(&Event),
          .socket = Event.SocketNumber, .context = AS_U64(Socket->Context), .flags = Flags);
    Status = Socket->Client.Connection.WskDisconnectEvent(Socket->Context, Flags);
    EventRecordReturn(&Event, Status);
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
