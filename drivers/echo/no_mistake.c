#include "choices.h"

VOID MakeMistake(VOID)
{
}
