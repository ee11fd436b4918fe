#include "crypt32.h"

const CRYPT32 *LoadCrypt32(void)
{
    static CRYPT32 functions;
    const HMODULE module = LoadLibraryW(L"crypt32.dll");
    BOOL is_whole = module != NULL;

#define LOAD(name)                                                                                           \
    functions.name = is_whole ? (void *)GetProcAddress(module, #name) : NULL;                                \
    is_whole = functions.name != NULL;
    CRYPT32_FUNCTIONS(LOAD)
#undef LOAD
    return is_whole ? &functions : NULL;
}
