/* Connections that WSK hands over and the driver never learns of: the recorder closes them itself. */
#ifndef ORPHAN_H
#define ORPHAN_H

#include "socket.h"

/* Closes the provider's socket; it is in the trace on the provider's side. `Proxy` may be NULL, and is
 * discarded. */
_IRQL_requires_max_(DISPATCH_LEVEL) VOID OrphanClose(_In_opt_ PROXY *Proxy, _In_ PWSK_SOCKET Real);

#endif
