/**
 * The stack's own table of TCP connections (/proc/net/tcp and tcp6 of the guest's Linux), for the one thing
 * that no socket call tells: whether the peer has acknowledged our FIN, and so all data before it.
 *
 * Pure: no kernel and no user-mode headers.
 */
#pragma once

#include <stdbool.h>

/** States as the table has them. */
enum {
    TCP_STATE_ABSENT = 0, /* there is no such connection (any more) */
    TCP_STATE_ESTABLISHED = 1,
    TCP_STATE_FIN_WAIT_1 = 4,
    TCP_STATE_CLOSE_WAIT = 8,
    TCP_STATE_LAST_ACK = 9,
    TCP_STATE_CLOSING = 11,
};

/**
 * State of the connection between two addresses (SOCKADDR_IN or SOCKADDR_IN6 by their bytes; the family
 * decides which of the two tables `Table` has to be) in a table's zero-terminated text.
 */
int TcpTableState(const char *Table, const void *Local, const void *Remote);

/** After our FIN was sent: a connection in this state has everything acknowledged. */
bool TcpStateIsAcknowledged(int State);
