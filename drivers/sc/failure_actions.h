/* `failure NAME reset= SECONDS actions= restart/MS/restart/MS`: what is done when a service ends by itself.
 */
#pragma once

#include <windows.h>

#define MAX_FAILURE_ACTIONS 3

typedef struct {
    SERVICE_FAILURE_ACTIONSW settings;
    SC_ACTION actions[MAX_FAILURE_ACTIONS];
} FAILURE_ACTIONS;

/* FALSE: not what sc.exe takes. `settings` points into `*failure`. */
BOOL ParseFailureActions(int count, wchar_t **arguments, FAILURE_ACTIONS *failure);
