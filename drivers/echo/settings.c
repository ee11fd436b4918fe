#include "settings.h"

#define MAX_WORD_CHARS 16

typedef struct _VALUE {
    KEY_VALUE_PARTIAL_INFORMATION Information;
    WCHAR Rest[MAX_WORD_CHARS];
} VALUE;

/* Opens the key Parameters; a service without it has all defaults. */
static NTSTATUS OpenParameters(PUNICODE_STRING RegistryPath, HANDLE *Service, HANDLE *Parameters)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(L"Parameters");
    OBJECT_ATTRIBUTES Attributes;
    NTSTATUS Status;

    InitializeObjectAttributes(&Attributes, RegistryPath, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL,
                               NULL);
    Status = ZwOpenKey(Service, KEY_READ, &Attributes);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    InitializeObjectAttributes(&Attributes, &Name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, *Service, NULL);
    Status = ZwOpenKey(Parameters, KEY_READ, &Attributes);
    if (!NT_SUCCESS(Status)) {
        ZwClose(*Service);
    }
    return Status;
}

/* FALSE if there is no such value. */
static BOOLEAN Query(HANDLE Key, PCWSTR Name, VALUE *Value)
{
    UNICODE_STRING String;
    ULONG Bytes;

    RtlZeroMemory(Value, sizeof(*Value));
    RtlInitUnicodeString(&String, Name);
    return NT_SUCCESS(ZwQueryValueKey(Key, &String, KeyValuePartialInformation, &Value->Information,
                                      sizeof(*Value), &Bytes));
}

static NTSTATUS ReadNumber(HANDLE Key, PCWSTR Name, ULONG Maximum, ULONG *Number)
{
    VALUE Value;
    ULONG Given;

    if (!Query(Key, Name, &Value)) {
        return STATUS_SUCCESS;
    }
    RtlCopyMemory(&Given, Value.Information.Data, sizeof(Given));
    if (Value.Information.Type != REG_DWORD || Value.Information.DataLength != sizeof(Given) ||
        Given > Maximum) {
        DbgPrint("echo: %ws is no number up to %u\n", Name, Maximum);
        return STATUS_INVALID_PARAMETER;
    }
    *Number = Given;
    return STATUS_SUCCESS;
}

/* The index of the value among the words; *Index stays if there is no value. */
static NTSTATUS ReadWord(HANDLE Key, PCWSTR Name, const PCWSTR *Words, ULONG Count, ULONG *Index)
{
    UNICODE_STRING Given, Word;
    VALUE Value;
    ULONG Try;

    if (!Query(Key, Name, &Value)) {
        return STATUS_SUCCESS;
    }
    if (Value.Information.Type == REG_SZ) {
        RtlInitUnicodeString(&Given, (PCWSTR)Value.Information.Data);
        for (Try = 0; Try < Count; ++Try) {
            RtlInitUnicodeString(&Word, Words[Try]);
            if (RtlEqualUnicodeString(&Given, &Word, FALSE)) {
                *Index = Try;
                return STATUS_SUCCESS;
            }
        }
    }
    DbgPrint("echo: %ws is none of its words\n", Name);
    return STATUS_INVALID_PARAMETER;
}

static NTSTATUS ReadAll(HANDLE Key, SETTINGS *Settings)
{
    static const PCWSTR Families[] = {L"inet", L"inet6"}, Accepts[] = {L"event", L"irp", L"both"},
                        Receives[] = {L"event", L"irp", L"irp-early"};
    ULONG Family = 0, Accept = 0, Receive = 0, Static = 0, Late = 0;
    NTSTATUS Status;

    if (!NT_SUCCESS(Status = ReadNumber(Key, L"Port", 0xffff, &Settings->Port)) ||
        !NT_SUCCESS(Status = ReadNumber(Key, L"AcceptDepth", MAX_ACCEPT_DEPTH, &Settings->AcceptDepth)) ||
        !NT_SUCCESS(Status = ReadNumber(Key, L"Reject", 0xffff, &Settings->Reject)) ||
        !NT_SUCCESS(Status = ReadNumber(Key, L"StaticEvents", 1, &Static)) ||
        !NT_SUCCESS(Status = ReadNumber(Key, L"EnableLate", 1, &Late)) ||
        !NT_SUCCESS(Status = ReadWord(Key, L"Family", Families, ARRAYSIZE(Families), &Family)) ||
        !NT_SUCCESS(Status = ReadWord(Key, L"AcceptStyle", Accepts, ARRAYSIZE(Accepts), &Accept)) ||
        !NT_SUCCESS(Status = ReadWord(Key, L"ReceiveStyle", Receives, ARRAYSIZE(Receives), &Receive))) {
        return Status;
    }
    Settings->Family = Family == 0 ? AF_INET : AF_INET6;
    Settings->AcceptsByEvent = Accept != 1;
    Settings->AcceptsByIrp = Accept != 0;
    Settings->ReceivesByEvent = Receive == 0;
    Settings->ReceivesEarly = Receive == 2;
    Settings->StaticEvents = Static != 0;
    Settings->EnableLate = Late != 0;
    /* Whether static events reach sockets from WskAccept is not documented: they are not mixed. */
    return Static != 0 && (Accept != 0 || Late != 0) ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

_Use_decl_annotations_ NTSTATUS SettingsRead(PUNICODE_STRING RegistryPath, SETTINGS *Settings)
{
    HANDLE Service, Parameters;
    NTSTATUS Status;

    RtlZeroMemory(Settings, sizeof(*Settings));
    Settings->Port = 7;
    Settings->Family = AF_INET;
    Settings->AcceptsByEvent = TRUE;
    Settings->ReceivesByEvent = TRUE;
    Settings->AcceptDepth = 4;
    if (!NT_SUCCESS(OpenParameters(RegistryPath, &Service, &Parameters))) {
        return STATUS_SUCCESS;
    }
    Status = ReadAll(Parameters, Settings);
    ZwClose(Parameters);
    ZwClose(Service);
    return Status;
}
