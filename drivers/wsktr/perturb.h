/*
 * The perturber: decides, from the list that START brought, when the recorder does something that the
 * documentation permits WSK to do. A decision depends on the seed and on how many times the same question was
 * asked before, on nothing else, so that a seed repeats it. Those who ask also do it, and record it.
 */
#ifndef PERTURB_H
#define PERTURB_H

#include "recorder.h"
#include "wsktr_ioctl.h"

_IRQL_requires_max_(DISPATCH_LEVEL) VOID
    PerturbSet(_In_ ULONG64 Seed, _In_reads_(Count) const WSKTR_PERTURB *List, _In_ ULONG Count);

/* Whether such a perturbation is wanted at all in this trace. */
_IRQL_requires_max_(DISPATCH_LEVEL) BOOLEAN PerturbListed(_In_ TRACE_PERTURBATION_KIND Kind);

/* Whether it is to happen at this occasion, and with which argument. Every call counts as one occasion. */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ BOOLEAN
    PerturbDecide(_In_ TRACE_PERTURBATION_KIND Kind, _Out_ ULONG *Argument);

/* The same among those entries whose argument is in that group of sixteen: 0 to 15 are group 0. */
_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ BOOLEAN
    PerturbDecideInGroup(_In_ TRACE_PERTURBATION_KIND Kind, _In_ ULONG Group, _Out_ ULONG *Argument);

#endif
