#include "event.h"

_Use_decl_annotations_ VOID EventBegin(EVENT *Event, PROXY *Socket)
{
    Event->Socket = Socket;
    Event->SocketNumber = SocketNumber(Socket);
    Event->Unique = TraceNext(TraceCallbacks);
    FrameOpen(&Event->Frame, Event->Unique);
}

_Use_decl_annotations_ ULONG64 EventNumber(const EVENT *Event)
{
    return TraceNumber(TraceCallbacks, Event->Unique);
}

_Use_decl_annotations_ VOID EventRecordReturn(const EVENT *Event, NTSTATUS Status)
{
    if (EventNumber(Event) != 0) {
        TRACE(CALLBACK_RETURN, TRACE_SIDE_BOTH, .callback = EventNumber(Event), .socket = Event->SocketNumber,
              .status = (ULONG)Status);
    }
}

_Use_decl_annotations_ VOID EventEnd(EVENT *Event)
{
    FrameClose(&Event->Frame);
}
