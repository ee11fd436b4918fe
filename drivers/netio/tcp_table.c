#include "tcp_table.h"

#include <stddef.h>

#define FAMILY_INET6 23 /* AF_INET6 of Winsock */
#define KEY_CHARS (2 * (32 + 1 + 4 + 1) + 1)

/* The table prints an address as 32-bit words of the machine's byte order, and a port as a number. */
static char *AppendHex(char *end, unsigned long value, int digits)
{
    while (digits > 0) {
        *end++ = "0123456789ABCDEF"[value >> (4 * --digits) & 15];
    }
    return end;
}

/* "ADDRESS:PORT " */
static char *AppendAddress(char *end, const unsigned char *address)
{
    const bool inet6 = (address[0] | address[1] << 8) == FAMILY_INET6;
    const unsigned char *bytes = address + (inet6 ? 8 : 4);

    for (int word = 0; word < (inet6 ? 4 : 1); word++, bytes += 4) {
        end = AppendHex(end, bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (unsigned long)bytes[3] << 24, 8);
    }
    *end++ = ':';
    end = AppendHex(end, (unsigned long)(address[2] << 8 | address[3]), 4);
    *end++ = ' ';
    return end;
}

static int HexDigit(char digit)
{
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : 0;
}

int TcpTableState(const char *Table, const void *Local, const void *Remote)
{
    char key[KEY_CHARS];
    const size_t length = (size_t)(AppendAddress(AppendAddress(key, Local), Remote) - key);

    for (; *Table != 0; Table++) {
        size_t same = 0;

        while (same < length && Table[same] == key[same]) {
            same++;
        }
        if (same == length) {
            return HexDigit(Table[length]) << 4 | HexDigit(Table[length + 1]);
        }
    }
    return TCP_STATE_ABSENT;
}

bool TcpStateIsAcknowledged(int State)
{
    return State != TCP_STATE_ESTABLISHED && State != TCP_STATE_CLOSE_WAIT && State != TCP_STATE_FIN_WAIT_1 &&
           State != TCP_STATE_CLOSING && State != TCP_STATE_LAST_ACK;
}
