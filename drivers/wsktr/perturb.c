#include "perturb.h"

#define ALWAYS 65536
#define ANY_GROUP MAXULONG

static struct {
    ULONG64 Seed;
    volatile LONG Count; /* of List; set last */
    WSKTR_PERTURB List[WSKTR_MAX_PERTURBATIONS];
    volatile LONG Occasions[WSKTR_MAX_PERTURBATIONS];
} Perturb;

_Use_decl_annotations_ VOID PerturbSet(ULONG64 Seed, const WSKTR_PERTURB *List, ULONG Count)
{
    InterlockedExchange(&Perturb.Count, 0);
    Perturb.Seed = Seed;
    RtlZeroMemory((PVOID)Perturb.Occasions, sizeof(Perturb.Occasions));
    RtlCopyMemory(Perturb.List, List, Count * sizeof(*List));
    InterlockedExchange(&Perturb.Count, (LONG)Count);
}

_Use_decl_annotations_ BOOLEAN PerturbListed(TRACE_PERTURBATION_KIND Kind)
{
    ULONG Index;

    for (Index = 0; Index < (ULONG)Perturb.Count; ++Index) {
        if (Perturb.List[Index].kind == (ULONG)Kind) {
            return TRUE;
        }
    }
    return FALSE;
}

/* 16 bits that look random and are always the same for the same three numbers (the finaliser of splitmix64).
 */
static ULONG Draw(ULONG64 Seed, ULONG Index, ULONG Occasion)
{
    ULONG64 Value = Seed + ((ULONG64)Index << 32 | Occasion) * 0x9e3779b97f4a7c15ull;

    Value = (Value ^ Value >> 30) * 0xbf58476d1ce4e5b9ull;
    Value = (Value ^ Value >> 27) * 0x94d049bb133111ebull;
    return (ULONG)(Value >> 48);
}

static BOOLEAN IsDue(ULONG Index, ULONG Occasion)
{
    const WSKTR_PERTURB *Wanted = &Perturb.List[Index];
    const ULONG First = Wanted->first == 0 ? 1 : Wanted->first;

    if (Occasion < First) {
        return FALSE;
    }
    if (Occasion != First && (Wanted->every == 0 || (Occasion - First) % Wanted->every != 0)) {
        return FALSE;
    }
    return Wanted->probability >= ALWAYS || Draw(Perturb.Seed, Index, Occasion) < Wanted->probability;
}

static BOOLEAN Decide(TRACE_PERTURBATION_KIND Kind, ULONG Group, ULONG *Argument)
{
    BOOLEAN Due = FALSE;
    ULONG Index;

    *Argument = 0;
    for (Index = 0; Index < (ULONG)Perturb.Count; ++Index) {
        const WSKTR_PERTURB *Wanted = &Perturb.List[Index];

        if (Wanted->kind == (ULONG)Kind && (Group == ANY_GROUP || Wanted->argument / 16 == Group) &&
            IsDue(Index, (ULONG)InterlockedIncrement(&Perturb.Occasions[Index])) && !Due) {
            *Argument = Wanted->argument;
            Due = TRUE;
        }
    }
    return Due;
}

_Use_decl_annotations_ BOOLEAN PerturbDecide(TRACE_PERTURBATION_KIND Kind, ULONG *Argument)
{
    return Decide(Kind, ANY_GROUP, Argument);
}

_Use_decl_annotations_ BOOLEAN PerturbDecideInGroup(TRACE_PERTURBATION_KIND Kind, ULONG Group,
                                                    ULONG *Argument)
{
    return Decide(Kind, Group, Argument);
}
