/* An echo server of Linux's own, for the guest: what the network and the emulated processor can do without
 * Wine. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 200 /* that of drivers/netio */
#define EVENTS 64

static int Listen(int port)
{
    const int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};

    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, BACKLOG) != 0) {
        exit(EXIT_FAILURE);
    }
    return listener;
}

static void Watch(int set, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};

    epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
}

static void Echo(int connection)
{
    static char bytes[65536];
    const ssize_t got = recv(connection, bytes, sizeof bytes, 0);

    if (got <= 0 || send(connection, bytes, (size_t)got, MSG_NOSIGNAL) != got) {
        close(connection);
    }
}

int main(int count, char **arguments)
{
    /* Wine leaves its own open for it, the ssh session's among them. */
    close_range(3, ~0u, 0);
    const int listener = Listen(count > 1 ? atoi(arguments[1]) : 9), set = epoll_create1(0);

    /* Away from the ssh session that starts it, which would wait for its output's end. */
    if (daemon(0, 0) != 0) {
        return EXIT_FAILURE;
    }
    Watch(set, listener);
    for (;;) {
        struct epoll_event events[EVENTS];
        const int ready = epoll_wait(set, events, EVENTS, -1);

        for (int i = 0; i < ready; i++) {
            int connection;

            if (events[i].data.fd != listener) {
                Echo(events[i].data.fd);
                continue;
            }
            while ((connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                Watch(set, connection);
            }
        }
    }
}
