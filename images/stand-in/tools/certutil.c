/*
 * certutil.exe -addstore -f STORE FILE | -store STORE SUBJECT: the machine's stores, which are Wine's own.
 * What is a root is also put where this guest's sc.exe looks for certificates that sign drivers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#include <wincrypt.h>

#define MAX_CERTIFICATE 16384
#define TRUSTED "C:\\lab\\trusted"

static HCERTSTORE OpenStore(const char *name)
{
    wchar_t wide[64];

    if ((!Is(name, "Root") && !Is(name, "TrustedPublisher")) ||
        MultiByteToWideChar(CP_ACP, 0, name, -1, wide, 64) == 0) {
        return NULL;
    }
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE, wide);
}

static int AddToStore(HCERTSTORE store, const char *store_name, const char *path)
{
    static BYTE bytes[MAX_CERTIFICATE];
    FILE *file = fopen(path, "rb");
    size_t length;
    PCCERT_CONTEXT certificate;

    if (file == NULL) {
        return Refuse("cannot open %s", path);
    }
    length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    certificate = CertCreateCertificateContext(X509_ASN_ENCODING, bytes, (DWORD)length);
    if (certificate == NULL) {
        return Refuse("%s is no certificate: 0x%08lx", path, GetLastError());
    }
    if (!CertAddCertificateContextToStore(store, certificate, CERT_STORE_ADD_REPLACE_EXISTING, NULL)) {
        return Refuse("the certificate was not added: 0x%08lx", GetLastError());
    }
    if (Is(store_name, "Root")) {
        CreateDirectoryA(TRUSTED, NULL);
        if (!CopyFileA(path, TRUSTED "\\added.cer", FALSE)) {
            return Refuse("the certificate was not copied: %lu", GetLastError());
        }
    }
    printf("CertUtil: -addstore command completed successfully.\n");
    return 0;
}

static int ShowOfStore(HCERTSTORE store, const char *subject)
{
    PCCERT_CONTEXT found =
        CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_SUBJECT_STR_A, subject, NULL);
    char name[256];

    if (found == NULL) {
        printf("CertUtil: -store command FAILED: 0x80090011 (-2146893807 NTE_NOT_FOUND)\n");
        return (int)NTE_NOT_FOUND;
    }
    CertNameToStrA(X509_ASN_ENCODING, &found->pCertInfo->Subject, CERT_X500_NAME_STR, name, sizeof name);
    printf("Subject: %s\nCertUtil: -store command completed successfully.\n", name);
    return 0;
}

int Tool(int count, char **arguments)
{
    const bool is_add = count == 4 && Is(arguments[0], "-addstore") && Is(arguments[1], "-f");
    const bool is_show = count == 3 && Is(arguments[0], "-store");
    const char *name = is_add ? arguments[2] : arguments[1];
    HCERTSTORE store = is_add || is_show ? OpenStore(name) : NULL;
    int result;

    if (store == NULL) {
        return RefuseArguments(count, arguments);
    }
    result = is_add ? AddToStore(store, name, arguments[3]) : ShowOfStore(store, arguments[2]);
    if (!CertCloseStore(store, 0)) {
        return Refuse("the store cannot be written: 0x%08lx", GetLastError());
    }
    return result;
}
