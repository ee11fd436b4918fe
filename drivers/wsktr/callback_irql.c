#include "callback_irql.h"

#include "host.h"
#include "perturb.h"

_Use_decl_annotations_ VOID CallbackIrqlDecide(CALLBACK_IRQL *Irql, const EVENT *Event, CALLBACK_GROUP Group,
                                               ULONG Flags)
{
    ULONG Argument, Mode;

    Irql->IsChanged = FALSE;
    Irql->Flags = Flags;
    if (!PerturbDecideInGroup(TRACE_PERTURB_DISPATCH_LEVEL, Group, &Argument)) {
        return;
    }
    Mode = Argument % 16;
    Irql->Wanted = Mode > 1 ? PASSIVE_LEVEL : DISPATCH_LEVEL;
    if (Irql->Wanted == PASSIVE_LEVEL && TraceIrql() != PASSIVE_LEVEL && Host.SetIrql == NULL) {
        return;
    }
    TRACE(PERTURBATION, TRACE_SIDE_BOTH, .kind = TRACE_PERTURB_DISPATCH_LEVEL, .argument = Argument,
          .socket = Event->SocketNumber, .callback = EventNumber(Event));
    Irql->Flags &= ~(ULONG)WSK_FLAG_AT_DISPATCH_LEVEL;
    if (Mode == 0) {
        Irql->Flags |= WSK_FLAG_AT_DISPATCH_LEVEL;
    }
    Irql->IsChanged = Irql->Flags != Flags || Irql->Wanted != TraceIrql();
}

_Use_decl_annotations_ VOID CallbackIrqlEnter(CALLBACK_IRQL *Irql)
{
    if (!Irql->IsChanged) {
        return;
    }
    if (Irql->Wanted == PASSIVE_LEVEL) {
        (void)HostLowerIrql(&Irql->Old);
    } else {
        KeRaiseIrql(DISPATCH_LEVEL, &Irql->Old);
    }
}

_Use_decl_annotations_ VOID CallbackIrqlLeave(const CALLBACK_IRQL *Irql)
{
    if (!Irql->IsChanged) {
        return;
    }
    if (Irql->Wanted == PASSIVE_LEVEL) {
        HostRestoreIrql(Irql->Old);
    } else {
        KeLowerIrql(Irql->Old);
    }
}
