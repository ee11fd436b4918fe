/* The reader of Linux' TCP tables, compiled for the host. */
#include "../netio/tcp_table.c"

#include <stdio.h>

static const char Inet[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 00000000:1B5F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1\n"
    "   1: 0200004D:1B5F 0100004D:D2F0 04 00000000:00000000 00:00000000 00000000     0        0 2\n"
    "   2: 0200004D:1B5F 0100004D:D2F1 05 00000000:00000000 00:00000000 00000000     0        0 3\n";
static const char Inet6[] = "   0: 0000000000000000FFFF00000100007F:1B5F "
                            "0000000000000000FFFF00000100007F:D2F0 09 00000000:00000000\n";

/* 77.0.0.2:7007, and 77.0.0.1 with a port. */
static const unsigned char Local[16] = {2, 0, 0x1b, 0x5f, 77, 0, 0, 2};

static int Check(const char *title, bool good)
{
    printf("%s %s\n", good ? "ok  " : "FAIL", title);
    return good ? 0 : 1;
}

int main(void)
{
    unsigned char remote[16] = {2, 0, 0xd2, 0xf0, 77, 0, 0, 1};
    unsigned char mapped[28] = {23, 0, 0x1b, 0x5f, 0, 0, 0, 0, [18] = 0xff, [19] = 0xff, 127, 0, 0, 1};
    unsigned char mapped_remote[28] = {23, 0, 0xd2, 0xf0, 0, 0, 0, 0, [18] = 0xff, [19] = 0xff, 127, 0, 0, 1};
    int failures = 0;

    failures += Check("a connection's state is found by both its addresses",
                      TcpTableState(Inet, Local, remote) == TCP_STATE_FIN_WAIT_1);
    remote[3] = 0xf1;
    failures += Check("the next line is another connection", TcpTableState(Inet, Local, remote) == 5);
    remote[3] = 0xf2;
    failures += Check("a connection that is not in the table is absent",
                      TcpTableState(Inet, Local, remote) == TCP_STATE_ABSENT);
    failures += Check("an IPv4-mapped connection is found in the IPv6 table",
                      TcpTableState(Inet6, mapped, mapped_remote) == TCP_STATE_LAST_ACK);
    failures +=
        Check("a FIN in flight is not acknowledged", !TcpStateIsAcknowledged(TCP_STATE_FIN_WAIT_1) &&
                                                         !TcpStateIsAcknowledged(TCP_STATE_LAST_ACK) &&
                                                         !TcpStateIsAcknowledged(TCP_STATE_CLOSING));
    failures += Check("FIN_WAIT_2 and a connection that is gone are",
                      TcpStateIsAcknowledged(5) && TcpStateIsAcknowledged(TCP_STATE_ABSENT));
    return failures;
}
