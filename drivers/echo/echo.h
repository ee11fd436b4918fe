/* What every file of the sample needs: kernel and WSK declarations, pool tags. */
#ifndef ECHO_H
#define ECHO_H

#include "compat/kernel.h"

#include "wsk.h"

/* Pool tags, spelt as a debugger shows them. */
#define TAG_LISTENER 'lcEW'   /* WEcl: LISTENER */
#define TAG_ACCEPT 'caEW'     /* WEac: ACCEPT */
#define TAG_CONNECTION 'ocEW' /* WEco: CONNECTION */
#define TAG_TRANSFER 'rtEW'   /* WEtr: TRANSFER */
#define TAG_COMMAND 'mcEW'    /* WEcm: COMMAND */

#endif
