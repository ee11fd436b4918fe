/*
 * Code integrity of the reference guest: a driver carries an Authenticode signature (SHA-256) by one of the
 * certificates in C:\lab\trusted. WinVerifyTrust is not used: Wine 8 wants a desktop for it.
 *
 * What is signed: the PKCS#7 message signs its content, the content holds the digest of the file, and the
 * file has that digest. Each of the three is checked.
 */
#include "driver_file.h"

#include <string.h>
#include <wintrust.h>

#include "crypt32.h"
#include "image_file.h"

#define TRUSTED_FOLDER L"C:\\lab\\trusted\\"
#define SHA256_BYTES 32

static const CRYPT32 *Crypt32;

typedef struct {
    const BYTE *at;
    DWORD size;
} BYTES;

/* The PKCS#7 message in the certificate table, which has to be the last thing in the file. */
static BOOL FindMessage(const IMAGE_FILE *image, BYTES *message)
{
    /* This directory alone holds a file offset. */
    const IMAGE_DATA_DIRECTORY table = ImageFileDirectory(image, IMAGE_DIRECTORY_ENTRY_SECURITY);
    const WIN_CERTIFICATE *certificate = (const void *)(image->bytes + table.VirtualAddress);
    const DWORD header = FIELD_OFFSET(WIN_CERTIFICATE, bCertificate);

    if (table.VirtualAddress == 0 || table.VirtualAddress > image->size || table.Size < sizeof *certificate ||
        image->size - table.VirtualAddress != table.Size || certificate->dwLength > table.Size ||
        certificate->dwLength < header || certificate->wCertificateType != WIN_CERT_TYPE_PKCS_SIGNED_DATA) {
        return FALSE;
    }
    message->at = certificate->bCertificate;
    message->size = certificate->dwLength - header;
    return TRUE;
}

/* The digest that Authenticode defines: the file without its checksum, the directory entry of the table, the
 * table. */
static BOOL HashImage(const void *file, HCRYPTHASH hash)
{
    const IMAGE_FILE *image = file;
    const IMAGE_OPTIONAL_HEADER64 *optional = &image->headers->OptionalHeader;
    const BYTE *checksum = (const BYTE *)&optional->CheckSum;
    const BYTE *entry = (const BYTE *)&optional->DataDirectory[IMAGE_DIRECTORY_ENTRY_SECURITY];
    const BYTE *table = image->bytes + optional->DataDirectory[IMAGE_DIRECTORY_ENTRY_SECURITY].VirtualAddress;
    const BYTE *after_checksum = checksum + sizeof optional->CheckSum;
    const BYTE *after_entry = entry + sizeof(IMAGE_DATA_DIRECTORY);

    return table >= after_entry && CryptHashData(hash, image->bytes, (DWORD)(checksum - image->bytes), 0) &&
           CryptHashData(hash, after_checksum, (DWORD)(entry - after_checksum), 0) &&
           CryptHashData(hash, after_entry, (DWORD)(table - after_entry), 0);
}

static BOOL HashBytes(const void *bytes, HCRYPTHASH hash)
{
    return CryptHashData(hash, ((const BYTES *)bytes)->at, ((const BYTES *)bytes)->size, 0);
}

/* SHA-256 of what `feed` puts into it. */
static BOOL Digest(BOOL (*feed)(const void *what, HCRYPTHASH hash), const void *what,
                   BYTE digest[SHA256_BYTES])
{
    DWORD size = SHA256_BYTES;
    HCRYPTPROV provider = 0;
    HCRYPTHASH hash = 0;
    const BOOL done = CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT) &&
                      CryptCreateHash(provider, CALG_SHA_256, 0, 0, &hash) && feed(what, hash) &&
                      CryptGetHashParam(hash, HP_HASHVAL, digest, &size, 0);

    if (hash != 0) {
        CryptDestroyHash(hash);
    }
    if (provider != 0) {
        CryptReleaseContext(provider, 0);
    }
    return done;
}

/* Takes an element of the given tag off the front of `from`: its value. Lengths of up to 64 KiB. */
static BOOL TakeElement(BYTES *from, BYTE tag, BYTES *value)
{
    DWORD length, header = 2;

    if (from->size < 2 || from->at[0] != tag) {
        return FALSE;
    }
    length = from->at[1];
    if (length == 0x81 && from->size >= 3) {
        length = from->at[2];
        header = 3;
    } else if (length == 0x82 && from->size >= 4) {
        length = (DWORD)from->at[2] << 8 | from->at[3];
        header = 4;
    } else if (length >= 0x80) {
        return FALSE;
    }
    if (length > from->size - header) {
        return FALSE;
    }
    value->at = from->at + header;
    value->size = length;
    from->at += header + length;
    from->size -= header + length;
    return TRUE;
}

enum {
    OCTET_STRING = 0x04,
    OBJECT_IDENTIFIER = 0x06,
    SEQUENCE = 0x30
};

static BOOL IsDigest(BYTES value, const BYTE digest[SHA256_BYTES])
{
    return value.size == SHA256_BYTES && memcmp(value.at, digest, SHA256_BYTES) == 0;
}

/* SpcIndirectDataContent ::= SEQUENCE { data SEQUENCE, messageDigest SEQUENCE { algorithm, digest OCTET
 * STRING } } */
static BOOL ContentHasDigest(BYTES content, const BYTE digest[SHA256_BYTES])
{
    static const BYTE sha256[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
    BYTES whole, data, info, algorithm, identifier, value;

    return TakeElement(&content, SEQUENCE, &whole) && TakeElement(&whole, SEQUENCE, &data) &&
           TakeElement(&whole, SEQUENCE, &info) && TakeElement(&info, SEQUENCE, &algorithm) &&
           TakeElement(&algorithm, OBJECT_IDENTIFIER, &identifier) && identifier.size == sizeof sha256 &&
           memcmp(identifier.at, sha256, sizeof sha256) == 0 && TakeElement(&info, OCTET_STRING, &value) &&
           IsDigest(value, digest);
}

/*
 * What is signed are the signer's attributes, and one of them is the digest of the content (without its
 * outermost tag and length). Wine 8 does not compare the two.
 */
static BOOL AttributesHoldContent(HCRYPTMSG message, BYTES content)
{
    static union {
        CRYPT_ATTRIBUTES list;
        BYTE bytes[4096];
    } attributes;
    BYTE digest[SHA256_BYTES];
    DWORD size = sizeof attributes;
    BYTES whole, value;

    if (!TakeElement(&content, SEQUENCE, &whole) || !Digest(HashBytes, &whole, digest) ||
        !Crypt32->CryptMsgGetParam(message, CMSG_SIGNER_AUTH_ATTR_PARAM, 0, &attributes, &size)) {
        return FALSE;
    }
    for (DWORD i = 0; i < attributes.list.cAttr; i++) {
        const CRYPT_ATTRIBUTE *attribute = &attributes.list.rgAttr[i];
        if (strcmp(attribute->pszObjId, szOID_RSA_messageDigest) == 0 && attribute->cValue == 1) {
            BYTES encoded = {attribute->rgValue[0].pbData, attribute->rgValue[0].cbData};
            return TakeElement(&encoded, OCTET_STRING, &value) && IsDigest(value, digest);
        }
    }
    return FALSE;
}

/* Whether the message's attributes are signed by this certificate's key. */
static BOOL IsSignedBy(HCRYPTMSG message, const wchar_t *path)
{
    static BYTE encoded[8192];
    const HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    PCCERT_CONTEXT certificate;
    DWORD size = 0;
    BOOL is_signed;

    if (file == INVALID_HANDLE_VALUE) {
        return FALSE;
    }
    ReadFile(file, encoded, sizeof encoded, &size, NULL);
    CloseHandle(file);
    certificate = Crypt32->CertCreateCertificateContext(X509_ASN_ENCODING, encoded, size);
    is_signed = certificate != NULL &&
                Crypt32->CryptMsgControl(message, 0, CMSG_CTRL_VERIFY_SIGNATURE, certificate->pCertInfo);
    if (certificate != NULL) {
        Crypt32->CertFreeCertificateContext(certificate);
    }
    return is_signed;
}

static BOOL IsSignedByTrusted(HCRYPTMSG message)
{
    static WIN32_FIND_DATAW found;
    static wchar_t path[sizeof TRUSTED_FOLDER / sizeof(wchar_t) + MAX_PATH];
    const HANDLE search = FindFirstFileW(TRUSTED_FOLDER L"*.cer", &found);
    BOOL is_signed = FALSE, more = search != INVALID_HANDLE_VALUE;

    for (; more && !is_signed; more = FindNextFileW(search, &found)) {
        lstrcpyW(path, TRUSTED_FOLDER);
        lstrcatW(path, found.cFileName);
        is_signed = IsSignedBy(message, path);
    }
    if (search != INVALID_HANDLE_VALUE) {
        FindClose(search);
    }
    return is_signed;
}

static BOOL IsTrusted(BYTES message, const BYTE digest[SHA256_BYTES])
{
    static BYTE content[1024]; /* Authenticode's is a hundred bytes */
    DWORD size = sizeof content;
    const HCRYPTMSG decoded =
        Crypt32->CryptMsgOpenToDecode(X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, 0, 0, 0, NULL, NULL);
    const BOOL is_trusted =
        decoded != NULL && Crypt32->CryptMsgUpdate(decoded, message.at, message.size, TRUE) &&
        Crypt32->CryptMsgGetParam(decoded, CMSG_CONTENT_PARAM, 0, content, &size) &&
        ContentHasDigest((BYTES){content, size}, digest) &&
        AttributesHoldContent(decoded, (BYTES){content, size}) && IsSignedByTrusted(decoded);

    if (decoded != NULL) {
        Crypt32->CryptMsgClose(decoded);
    }
    return is_trusted;
}

DWORD CheckDriverSignature(const wchar_t *path)
{
    BYTE digest[SHA256_BYTES];
    IMAGE_FILE image;
    BYTES message;
    BOOL is_trusted;
    const DWORD error = ImageFileOpen(path, &image);

    if (error != ERROR_SUCCESS) {
        return error;
    }
    Crypt32 = LoadCrypt32();
    is_trusted = Crypt32 != NULL && FindMessage(&image, &message) && Digest(HashImage, &image, digest) &&
                 IsTrusted(message, digest);
    ImageFileClose(&image);
    return is_trusted ? ERROR_SUCCESS : ERROR_INVALID_IMAGE_HASH;
}
