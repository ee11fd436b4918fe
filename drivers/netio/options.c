/* WskControlSocket. */
#include "events.h"
#include "request.h"

/* Options whose value goes to the stack as it is: a ULONG. */
static BOOLEAN IsPlainOption(ULONG level, ULONG name)
{
    if (level == SOL_SOCKET) {
        return name == SO_KEEPALIVE || name == SO_RCVBUF;
    }
    return (level == IPPROTO_IPV6 && name == IPV6_V6ONLY) || (level == IPPROTO_TCP && name == TCP_NODELAY);
}

/* The stack below shares addresses as the lab needs; that a driver asks for the default or for less changes
 * nothing. */
static BOOLEAN IsSharingOption(ULONG level, ULONG name)
{
    return level == SOL_SOCKET && (name == SO_REUSEADDR || name == (ULONG)SO_EXCLUSIVEADDRUSE);
}

static NTSTATUS SetOption(const SOCKET_OBJECT *socket, ULONG level, ULONG name, const VOID *value,
                          SIZE_T size)
{
    if (IsSharingOption(level, name)) {
        return size == sizeof(ULONG) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    }
    if (!IsPlainOption(level, name) || socket->Endpoint == NO_ENDPOINT) {
        return STATUS_NOT_SUPPORTED;
    }
    if (size != sizeof(ULONG) || value == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    return EndpointSetOption(socket->Endpoint, (int)level, (int)name, value, sizeof(ULONG)) ? STATUS_SUCCESS
                                                                                            : EndpointError();
}

static NTSTATUS GetOption(const SOCKET_OBJECT *socket, ULONG level, ULONG name, PVOID value, SIZE_T size)
{
    int bytes = sizeof(ULONG);

    if (!IsPlainOption(level, name) || socket->Endpoint == NO_ENDPOINT) {
        return STATUS_NOT_SUPPORTED;
    }
    if (size < sizeof(ULONG) || value == NULL) {
        return STATUS_BUFFER_OVERFLOW;
    }
    return EndpointGetOption(socket->Endpoint, (int)level, (int)name, value, &bytes) ? STATUS_SUCCESS
                                                                                     : EndpointError();
}

NTSTATUS WSKAPI SocketControl(PWSK_SOCKET Socket, WSK_CONTROL_SOCKET_TYPE RequestType, ULONG ControlCode,
                              ULONG Level, SIZE_T InputSize, PVOID InputBuffer, SIZE_T OutputSize,
                              PVOID OutputBuffer, SIZE_T *OutputSizeReturned, PIRP Irp)
{
    SOCKET_OBJECT *socket = SocketOf(Socket);
    NTSTATUS status;

    if (RequestType == WskSetOption && Level == SOL_SOCKET && ControlCode == SO_WSK_EVENT_CALLBACK) {
        if (InputSize != sizeof(WSK_EVENT_CALLBACK_CONTROL) || InputBuffer == NULL) {
            return RequestAnswer(Irp, STATUS_INVALID_PARAMETER, 0);
        }
        return EventsControl(socket, InputBuffer, Irp);
    }
    switch (RequestType) {
    case WskSetOption:
        status = SetOption(socket, Level, ControlCode, InputBuffer, InputSize);
        return RequestAnswer(Irp, status, 0);
    case WskGetOption:
        status = GetOption(socket, Level, ControlCode, OutputBuffer, OutputSize);
        if (Irp == NULL && OutputSizeReturned != NULL) {
            *OutputSizeReturned = sizeof(ULONG);
        }
        return RequestAnswer(Irp, status, NT_SUCCESS(status) ? sizeof(ULONG) : 0);
    default:
        return RequestAnswer(Irp, STATUS_NOT_SUPPORTED, 0);
    }
}
