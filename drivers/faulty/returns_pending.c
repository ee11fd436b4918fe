/* Answers STATUS_PENDING from WskAcceptEvent for a connection that it takes, as if it could decide later. */
#include "echo/choices.h"

static NTSTATUS AnswerPending(BOOLEAN IsAccepted)
{
    return IsAccepted ? STATUS_PENDING : STATUS_REQUEST_NOT_ACCEPTED;
}

VOID MakeMistake(VOID)
{
    Choices.Answer = AnswerPending;
}
