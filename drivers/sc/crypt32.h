/*
 * The part of crypt32.dll that checks signatures, loaded when it is needed: the DLL brings user32.dll, which
 * takes longer to load than everything else that sc.exe does, and only `start` checks signatures.
 */
#pragma once

#include <windows.h>

#include <wincrypt.h>

#define CRYPT32_FUNCTIONS(X)                                                                                 \
    X(CertCreateCertificateContext)                                                                          \
    X(CertFreeCertificateContext)                                                                            \
    X(CryptMsgClose)                                                                                         \
    X(CryptMsgControl)                                                                                       \
    X(CryptMsgGetParam)                                                                                      \
    X(CryptMsgOpenToDecode)                                                                                  \
    X(CryptMsgUpdate)

typedef struct {
#define MEMBER(name) __typeof__(name) *name;
    CRYPT32_FUNCTIONS(MEMBER)
#undef MEMBER
} CRYPT32;

/* NULL if the DLL or one of the functions is not there. */
const CRYPT32 *LoadCrypt32(void);
