/* What every file of the recorder needs: kernel and WSK declarations, the record layout, pool tags. */
#ifndef RECORDER_H
#define RECORDER_H

#include "compat/kernel.h"

#include "trace_records.h"
#include "wsk.h"

/* Pool tags, spelt as a debugger shows them. */
#define TAG_CLIENT 'lcTW'  /* WTcl: CLIENT */
#define TAG_SLAB 'lsTW'    /* WTsl: blocks of SLABs */
#define TAG_SHADOW 'hsTW'  /* WTsh: SHADOW */
#define TAG_TRACE 'rtTW'   /* WTtr: the ring, where contiguous memory is not to be had */
#define TAG_HOLD 'ohTW'    /* WTho: HOLD */
#define TAG_ORPHAN 'roTW'  /* WTor: ORPHAN */
#define TAG_ADDRESS 'daTW' /* WTad: pages of ADDRESS_COPY */

/* Answer to a call on a socket that the driver has closed or rejected: WSK never sees such a call. */
#define STATUS_SOCKET_GONE STATUS_INVALID_HANDLE

#endif
