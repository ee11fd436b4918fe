#include "transport.h"

#include "connection.h"
#include "irql.h"
#include "listener.h"

#define MAX_SOCKETS 1024

static ENDPOINT_POLL Turn[MAX_SOCKETS];

/* A socket that was closed, or whose connection is to be aborted; NULL if none. References it. */
static SOCKET_OBJECT *NextToEnd(VOID)
{
    for (LIST_ENTRY *entry = AllSockets.Flink; entry != &AllSockets; entry = entry->Flink) {
        SOCKET_OBJECT *socket = CONTAINING_RECORD(entry, SOCKET_OBJECT, Link);

        /* Whoever is sending just now wakes this thread when done. */
        if (!socket->Connection.Sending &&
            ((socket->Closing && !socket->TornDown) || socket->Connection.AbortIrp != NULL)) {
            SocketReference(socket);
            return socket;
        }
    }
    return NULL;
}

static VOID EndClosed(VOID)
{
    for (;;) {
        SOCKET_OBJECT *socket;
        BOOLEAN tear_down = FALSE;

        ProviderLock();
        socket = NextToEnd();
        if (socket != NULL && socket->Closing) {
            tear_down = !socket->TornDown;
            socket->TornDown = TRUE;
        }
        ProviderUnlock();
        if (socket == NULL) {
            return;
        }
        if (socket->Connection.AbortIrp != NULL) {
            ConnectionAbort(socket);
        }
        if (tear_down) {
            SocketTearDown(socket);
        }
        SocketDereference(socket);
    }
}

/* A graceful disconnect is over when the peer has our FIN, which no event tells: looks again after a while.
 */
#define FIRST_LOOK_MS 1
#define LAST_LOOK_MS 64

/* How long the transport may wait for other things: -1 when no disconnect is pending. */
static int EndDisconnects(VOID)
{
    static SOCKET_OBJECT *ending[MAX_SOCKETS];
    static int look_ms = FIRST_LOOK_MS;
    unsigned count = 0, left = 0;

    ProviderLock();
    for (LIST_ENTRY *entry = AllSockets.Flink; entry != &AllSockets && count < MAX_SOCKETS;
         entry = entry->Flink) {
        SOCKET_OBJECT *socket = CONTAINING_RECORD(entry, SOCKET_OBJECT, Link);

        if (!socket->Closing && !IsListEmpty(&socket->Connection.Disconnects)) {
            SocketReference(socket);
            ending[count++] = socket;
        }
    }
    ProviderUnlock();
    if (count == 0) {
        return -1;
    }
    for (unsigned i = 0; i < count; i++) {
        DisconnectService(ending[i]);
        left += !IsListEmpty(&ending[i]->Connection.Disconnects);
        SocketDereference(ending[i]);
    }
    look_ms = left < count ? FIRST_LOOK_MS : min(2 * look_ms, LAST_LOOK_MS);
    return look_ms;
}

/* The sockets to look at, each with a reference. *Urgent: some of them have work that needs no waiting. */
static unsigned Collect(BOOLEAN *Urgent)
{
    unsigned count = 0;

    *Urgent = FALSE;
    ProviderLock();
    for (LIST_ENTRY *entry = AllSockets.Flink; entry != &AllSockets && count < MAX_SOCKETS;
         entry = entry->Flink) {
        SOCKET_OBJECT *socket = CONTAINING_RECORD(entry, SOCKET_OBJECT, Link);
        const BOOLEAN listens = socket->Category == WSK_FLAG_LISTEN_SOCKET;
        ENDPOINT_POLL poll = {.Endpoint = socket->Endpoint, .Owner = socket};
        BOOLEAN urgent;

        if (socket->Closing) {
            continue;
        }
        urgent = listens ? ListenerHasConsumer(socket) && !IsListEmpty(&socket->Listener.Waiting)
                         : ConnectionIsUrgent(socket);
        if (socket->Endpoint != NO_ENDPOINT) {
            poll.WantRead =
                listens ? socket->Bound && ListenerHasConsumer(socket) : ConnectionWantsRead(socket);
            poll.WantWrite =
                !listens && !IsListEmpty(&socket->Connection.Sends) && !socket->Connection.Sending;
        }
        poll.Readable = urgent;
        if (!urgent && !poll.WantRead && !poll.WantWrite) {
            continue;
        }
        *Urgent |= urgent;
        SocketReference(socket);
        Turn[count++] = poll;
    }
    ProviderUnlock();
    return count;
}

static VOID Serve(const ENDPOINT_POLL *poll)
{
    SOCKET_OBJECT *socket = poll->Owner;

    if (socket->Category == WSK_FLAG_LISTEN_SOCKET) {
        if (poll->Readable) {
            ListenerService(socket);
        }
    } else {
        if (poll->Writable) {
            SendService(socket);
        }
        if (poll->Readable || (poll->Failed && poll->WantWrite)) {
            ConnectionService(socket);
        }
    }
    SocketDereference(socket);
}

static void TransportThread(void)
{
    NtsupSetIrql(DISPATCH_LEVEL);
    for (;;) {
        BOOLEAN urgent;
        unsigned count;
        int wait_ms;

        EndClosed();
        wait_ms = EndDisconnects();
        count = Collect(&urgent);
        if (!urgent) {
            EndpointsPoll(Turn, count, wait_ms);
        }
        for (unsigned i = 0; i < count; i++) {
            Serve(&Turn[i]);
        }
    }
}

int TransportStart(void)
{
    static LONG started;

    if (InterlockedCompareExchange(&started, 1, 0) != 0) {
        return TRUE;
    }
    return EndpointsInitialize() && ProviderStartThread(TransportThread);
}
