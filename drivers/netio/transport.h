/** The provider's own thread: waits for the stack and serves every socket, callbacks included. */
#pragma once

/** Starts it, once per driver host; false if the guest has no network stack. */
int TransportStart(void);
