/* Made by `npm run generate` from lab/trace/schema.ts: do not edit. */
/* clang-format off */
#ifndef TRACE_RECORDS_H
#define TRACE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus) || defined(_MSC_VER)
#define TRACE_STATIC_ASSERT(condition, what) static_assert(condition, what)
#else
#define TRACE_STATIC_ASSERT(condition, what) _Static_assert(condition, what)
#endif

#define TRACE_SCHEMA_VERSION 2

/* Family of a sockaddr whose pointer was NULL. */
#define TRACE_NULL_FAMILY 0xffff

/* Which side of the recorder a record concerns; both when nothing was perturbed. */
#define TRACE_SIDE_BOTH 0
#define TRACE_SIDE_DRIVER 1
#define TRACE_SIDE_PROVIDER 2

/* Every record begins with this; size is the whole record's, time is in ticks of the trace's clock,
 * discarded counts the records that did not fit before this one since the trace began. */
typedef struct TRACE_HEADER {
    uint16_t id;
    uint16_t size;
    uint32_t discarded;
    uint64_t time;
    uint32_t tid;
    uint16_t cpu;
    uint8_t irql;
    uint8_t side;
} TRACE_HEADER;
TRACE_STATIC_ASSERT(sizeof(TRACE_HEADER) == 24, "header");

/* port in host order; IPv4 uses the first four bytes of address, the rest is zero. */
typedef struct TRACE_SOCKADDR {
    uint16_t family;
    uint16_t port;
    uint32_t scope;
    uint8_t address[16];
} TRACE_SOCKADDR;
TRACE_STATIC_ASSERT(sizeof(TRACE_SOCKADDR) == 24, "sockaddr");

/* A GUID's bytes as they stand in memory. */
typedef struct TRACE_GUID {
    uint32_t data1;
    uint16_t data2;
    uint16_t data3;
    uint8_t data4[8];
} TRACE_GUID;
TRACE_STATIC_ASSERT(sizeof(TRACE_GUID) == 16, "guid");

/* ASCII, padded with NUL. */
typedef struct TRACE_NAME {
    char text[32];
} TRACE_NAME;
TRACE_STATIC_ASSERT(sizeof(TRACE_NAME) == 32, "name");

typedef enum TRACE_ID {
    TRACE_ID_TRACE_START = 1,
    TRACE_ID_TRACE_STOP = 2,
    TRACE_ID_PERTURBATION = 3,
    TRACE_ID_CRASH = 4,
    TRACE_ID_REGISTER_ENTER = 5,
    TRACE_ID_CAPTURE_ENTER = 6,
    TRACE_ID_CAPTURE_RETURN = 7,
    TRACE_ID_QUERY_RETURN = 8,
    TRACE_ID_REGISTRATION_ENTER = 9,
    TRACE_ID_CALL_RETURN = 10,
    TRACE_ID_IRP_COMPLETE = 11,
    TRACE_ID_IRP_COMPLETE_RETURN = 12,
    TRACE_ID_SOCKET_ENTER = 13,
    TRACE_ID_SOCKET_CREATED = 14,
    TRACE_ID_CONTROL_CLIENT_ENTER = 15,
    TRACE_ID_CONTROL_SOCKET_ENTER = 16,
    TRACE_ID_BIND_ENTER = 17,
    TRACE_ID_ACCEPT_ENTER = 18,
    TRACE_ID_ACCEPT_ADDRESSES = 19,
    TRACE_ID_ADDRESS_ENTER = 20,
    TRACE_ID_ADDRESS_RESULT = 21,
    TRACE_ID_DATA_ENTER = 22,
    TRACE_ID_DISCONNECT_ENTER = 23,
    TRACE_ID_CLOSE_ENTER = 24,
    TRACE_ID_RELEASE_ENTER = 25,
    TRACE_ID_OTHER_ENTER = 26,
    TRACE_ID_ACCEPT_EVENT_ENTER = 27,
    TRACE_ID_ACCEPT_EVENT_RETURN = 28,
    TRACE_ID_ACCEPT_OUTPUTS = 29,
    TRACE_ID_RECEIVE_EVENT_ENTER = 30,
    TRACE_ID_RECEIVE_EVENT_RETURN = 31,
    TRACE_ID_DISCONNECT_EVENT_ENTER = 32,
    TRACE_ID_BACKLOG_EVENT_ENTER = 33,
    TRACE_ID_INSPECT_EVENT_ENTER = 34,
    TRACE_ID_CLIENT_EVENT_ENTER = 35,
    TRACE_ID_CALLBACK_RETURN = 36,
    TRACE_ID_TABLE_CHANGED = 37,
    TRACE_ID_SOCKET_OVERWRITTEN = 38,
    TRACE_ID_WAIT_ENTER = 39,
    TRACE_ID_WAIT_RETURN = 40,
    TRACE_ID_IRP_MEMORY = 41,
    TRACE_ID_MDL_MEMORY = 42,
    TRACE_ID_POOL_ALLOCATE = 43,
    TRACE_ID_POOL_FREE = 44,
    TRACE_ID_IRP_STATE = 45,
    TRACE_ID_ADDRESSES_POISONED = 46,
} TRACE_ID;

/* Values of the field fn. */
typedef enum TRACE_FUNCTION {
    TRACE_FN_WskRegister = 1,
    TRACE_FN_WskDeregister = 2,
    TRACE_FN_WskCaptureProviderNPI = 3,
    TRACE_FN_WskReleaseProviderNPI = 4,
    TRACE_FN_WskQueryProviderCharacteristics = 5,
    TRACE_FN_WskSocket = 10,
    TRACE_FN_WskSocketConnect = 11,
    TRACE_FN_WskControlClient = 12,
    TRACE_FN_WskGetAddressInfo = 13,
    TRACE_FN_WskFreeAddressInfo = 14,
    TRACE_FN_WskGetNameInfo = 15,
    TRACE_FN_WskControlSocket = 20,
    TRACE_FN_WskCloseSocket = 21,
    TRACE_FN_WskBind = 22,
    TRACE_FN_WskAccept = 23,
    TRACE_FN_WskInspectComplete = 24,
    TRACE_FN_WskGetLocalAddress = 25,
    TRACE_FN_WskGetRemoteAddress = 26,
    TRACE_FN_WskConnect = 27,
    TRACE_FN_WskConnectEx = 28,
    TRACE_FN_WskListen = 29,
    TRACE_FN_WskSend = 30,
    TRACE_FN_WskReceive = 31,
    TRACE_FN_WskDisconnect = 32,
    TRACE_FN_WskRelease = 33,
    TRACE_FN_WskSendTo = 34,
    TRACE_FN_WskReceiveFrom = 35,
    TRACE_FN_WskSendMessages = 36,
    TRACE_FN_KeWaitForSingleObject = 50,
    TRACE_FN_KeWaitForMultipleObjects = 51,
    TRACE_FN_KeDelayExecutionThread = 52,
    TRACE_FN_IoAllocateIrp = 53,
    TRACE_FN_IoFreeIrp = 54,
    TRACE_FN_IoReuseIrp = 55,
    TRACE_FN_IoAllocateMdl = 56,
    TRACE_FN_IoFreeMdl = 57,
} TRACE_FUNCTION;

/* Values of perturbation.kind. */
typedef enum TRACE_PERTURBATION_KIND {
    TRACE_PERTURB_DISPATCH_LEVEL = 1,
    TRACE_PERTURB_NULL_ACCEPT_SOCKET = 2,
    TRACE_PERTURB_EVENT_DESPITE_IRP = 3,
    TRACE_PERTURB_POISON_ADDRESSES = 4,
    TRACE_PERTURB_PEND_DISABLE = 5,
    TRACE_PERTURB_WITHHOLD_COMPLETIONS = 6,
} TRACE_PERTURBATION_KIND;

/* the recorder began */
typedef struct TRACE_TRACE_START {
    TRACE_HEADER header;
    uint64_t frequency;
    uint64_t seed;
    uint64_t ring_bytes;
    uint32_t schema;
    uint32_t process;
} TRACE_TRACE_START;
TRACE_STATIC_ASSERT(offsetof(TRACE_TRACE_START, frequency) == 24, "trace_start.frequency");
TRACE_STATIC_ASSERT(offsetof(TRACE_TRACE_START, seed) == 32, "trace_start.seed");
TRACE_STATIC_ASSERT(offsetof(TRACE_TRACE_START, ring_bytes) == 40, "trace_start.ring_bytes");
TRACE_STATIC_ASSERT(offsetof(TRACE_TRACE_START, schema) == 48, "trace_start.schema");
TRACE_STATIC_ASSERT(offsetof(TRACE_TRACE_START, process) == 52, "trace_start.process");
TRACE_STATIC_ASSERT(sizeof(TRACE_TRACE_START) == 56, "trace_start");

/* the recorder was told to end the trace; nothing follows */
typedef struct TRACE_TRACE_STOP {
    TRACE_HEADER header;
    uint64_t records;
} TRACE_TRACE_STOP;
TRACE_STATIC_ASSERT(offsetof(TRACE_TRACE_STOP, records) == 24, "trace_stop.records");
TRACE_STATIC_ASSERT(sizeof(TRACE_TRACE_STOP) == 32, "trace_stop");

/* the recorder does something that WSK may do */
typedef struct TRACE_PERTURBATION {
    TRACE_HEADER header;
    uint32_t kind;
    uint32_t argument;
    uint64_t socket;
    uint64_t call;
    uint64_t callback;
} TRACE_PERTURBATION;
TRACE_STATIC_ASSERT(offsetof(TRACE_PERTURBATION, kind) == 24, "perturbation.kind");
TRACE_STATIC_ASSERT(offsetof(TRACE_PERTURBATION, argument) == 28, "perturbation.argument");
TRACE_STATIC_ASSERT(offsetof(TRACE_PERTURBATION, socket) == 32, "perturbation.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_PERTURBATION, call) == 40, "perturbation.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_PERTURBATION, callback) == 48, "perturbation.callback");
TRACE_STATIC_ASSERT(sizeof(TRACE_PERTURBATION) == 56, "perturbation");

/* the driver host caught an unhandled exception */
typedef struct TRACE_CRASH {
    TRACE_HEADER header;
    uint32_t code;
    uint32_t access;
    uint64_t address;
    uint64_t target;
    uint64_t offset;
    TRACE_NAME module;
} TRACE_CRASH;
TRACE_STATIC_ASSERT(offsetof(TRACE_CRASH, code) == 24, "crash.code");
TRACE_STATIC_ASSERT(offsetof(TRACE_CRASH, access) == 28, "crash.access");
TRACE_STATIC_ASSERT(offsetof(TRACE_CRASH, address) == 32, "crash.address");
TRACE_STATIC_ASSERT(offsetof(TRACE_CRASH, target) == 40, "crash.target");
TRACE_STATIC_ASSERT(offsetof(TRACE_CRASH, offset) == 48, "crash.offset");
TRACE_STATIC_ASSERT(offsetof(TRACE_CRASH, module) == 56, "crash.module");
TRACE_STATIC_ASSERT(sizeof(TRACE_CRASH) == 88, "crash");

/* WskRegister is entered */
typedef struct TRACE_REGISTER_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t block;
    uint64_t context;
    uint64_t dispatch;
    uint64_t client_event;
    uint16_t version;
    uint16_t reserved;
} TRACE_REGISTER_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTER_ENTER, call) == 24, "register_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTER_ENTER, block) == 32, "register_enter.block");
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTER_ENTER, context) == 40, "register_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTER_ENTER, dispatch) == 48, "register_enter.dispatch");
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTER_ENTER, client_event) == 56, "register_enter.client_event");
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTER_ENTER, version) == 64, "register_enter.version");
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTER_ENTER, reserved) == 66, "register_enter.reserved");
TRACE_STATIC_ASSERT(sizeof(TRACE_REGISTER_ENTER) == 72, "register_enter");

/* WskCaptureProviderNPI is entered */
typedef struct TRACE_CAPTURE_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t block;
    uint32_t timeout;
} TRACE_CAPTURE_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_ENTER, call) == 24, "capture_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_ENTER, block) == 32, "capture_enter.block");
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_ENTER, timeout) == 40, "capture_enter.timeout");
TRACE_STATIC_ASSERT(sizeof(TRACE_CAPTURE_ENTER) == 48, "capture_enter");

/* WskCaptureProviderNPI came back */
typedef struct TRACE_CAPTURE_RETURN {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t block;
    uint64_t client;
    uint64_t dispatch;
    uint32_t status;
    uint16_t version;
} TRACE_CAPTURE_RETURN;
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_RETURN, call) == 24, "capture_return.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_RETURN, block) == 32, "capture_return.block");
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_RETURN, client) == 40, "capture_return.client");
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_RETURN, dispatch) == 48, "capture_return.dispatch");
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_RETURN, status) == 56, "capture_return.status");
TRACE_STATIC_ASSERT(offsetof(TRACE_CAPTURE_RETURN, version) == 60, "capture_return.version");
TRACE_STATIC_ASSERT(sizeof(TRACE_CAPTURE_RETURN) == 64, "capture_return");

/* WskQueryProviderCharacteristics came back */
typedef struct TRACE_QUERY_RETURN {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t block;
    uint32_t status;
    uint16_t lowest;
    uint16_t highest;
} TRACE_QUERY_RETURN;
TRACE_STATIC_ASSERT(offsetof(TRACE_QUERY_RETURN, call) == 24, "query_return.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_QUERY_RETURN, block) == 32, "query_return.block");
TRACE_STATIC_ASSERT(offsetof(TRACE_QUERY_RETURN, status) == 40, "query_return.status");
TRACE_STATIC_ASSERT(offsetof(TRACE_QUERY_RETURN, lowest) == 44, "query_return.lowest");
TRACE_STATIC_ASSERT(offsetof(TRACE_QUERY_RETURN, highest) == 46, "query_return.highest");
TRACE_STATIC_ASSERT(sizeof(TRACE_QUERY_RETURN) == 48, "query_return");

/* WskDeregister, WskReleaseProviderNPI or WskQueryProviderCharacteristics is entered */
typedef struct TRACE_REGISTRATION_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t block;
    uint32_t fn;
} TRACE_REGISTRATION_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTRATION_ENTER, call) == 24, "registration_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTRATION_ENTER, block) == 32, "registration_enter.block");
TRACE_STATIC_ASSERT(offsetof(TRACE_REGISTRATION_ENTER, fn) == 40, "registration_enter.fn");
TRACE_STATIC_ASSERT(sizeof(TRACE_REGISTRATION_ENTER) == 48, "registration_enter");

/* a function came back; its enter record has the same call */
typedef struct TRACE_CALL_RETURN {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint32_t fn;
    uint32_t status;
} TRACE_CALL_RETURN;
TRACE_STATIC_ASSERT(offsetof(TRACE_CALL_RETURN, call) == 24, "call_return.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_CALL_RETURN, socket) == 32, "call_return.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_CALL_RETURN, fn) == 40, "call_return.fn");
TRACE_STATIC_ASSERT(offsetof(TRACE_CALL_RETURN, status) == 44, "call_return.status");
TRACE_STATIC_ASSERT(sizeof(TRACE_CALL_RETURN) == 48, "call_return");

/* the completion routine that the driver set is about to be entered */
typedef struct TRACE_IRP_COMPLETE {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t irp;
    uint64_t information;
    uint32_t fn;
    uint32_t status;
} TRACE_IRP_COMPLETE;
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE, call) == 24, "irp_complete.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE, socket) == 32, "irp_complete.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE, irp) == 40, "irp_complete.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE, information) == 48, "irp_complete.information");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE, fn) == 56, "irp_complete.fn");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE, status) == 60, "irp_complete.status");
TRACE_STATIC_ASSERT(sizeof(TRACE_IRP_COMPLETE) == 64, "irp_complete");

/* that completion routine came back */
typedef struct TRACE_IRP_COMPLETE_RETURN {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t irp;
    uint32_t fn;
    uint32_t status;
} TRACE_IRP_COMPLETE_RETURN;
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE_RETURN, call) == 24, "irp_complete_return.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE_RETURN, irp) == 32, "irp_complete_return.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE_RETURN, fn) == 40, "irp_complete_return.fn");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_COMPLETE_RETURN, status) == 44, "irp_complete_return.status");
TRACE_STATIC_ASSERT(sizeof(TRACE_IRP_COMPLETE_RETURN) == 48, "irp_complete_return");

/* WskSocket is entered */
typedef struct TRACE_SOCKET_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t irp;
    uint64_t client;
    uint64_t context;
    uint64_t table;
    uint64_t slot0;
    uint64_t slot1;
    uint64_t slot2;
    uint64_t security_descriptor;
    uint32_t protocol;
    uint32_t flags;
    uint16_t family;
    uint16_t type;
} TRACE_SOCKET_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, call) == 24, "socket_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, irp) == 32, "socket_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, client) == 40, "socket_enter.client");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, context) == 48, "socket_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, table) == 56, "socket_enter.table");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, slot0) == 64, "socket_enter.slot0");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, slot1) == 72, "socket_enter.slot1");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, slot2) == 80, "socket_enter.slot2");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, security_descriptor) == 88, "socket_enter.security_descriptor");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, protocol) == 96, "socket_enter.protocol");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, flags) == 100, "socket_enter.flags");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, family) == 104, "socket_enter.family");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_ENTER, type) == 106, "socket_enter.type");
TRACE_STATIC_ASSERT(sizeof(TRACE_SOCKET_ENTER) == 112, "socket_enter");

/* a WSK_SOCKET is handed to the driver by an IRP of WskSocket or WskAccept, just before its irp_complete; `pointer` is what the driver gets, `provider_socket` what WSK gave */
typedef struct TRACE_SOCKET_CREATED {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t parent;
    uint64_t pointer;
    uint64_t provider_socket;
    uint64_t provider_table;
    uint32_t fn;
} TRACE_SOCKET_CREATED;
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_CREATED, call) == 24, "socket_created.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_CREATED, socket) == 32, "socket_created.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_CREATED, parent) == 40, "socket_created.parent");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_CREATED, pointer) == 48, "socket_created.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_CREATED, provider_socket) == 56, "socket_created.provider_socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_CREATED, provider_table) == 64, "socket_created.provider_table");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_CREATED, fn) == 72, "socket_created.fn");
TRACE_STATIC_ASSERT(sizeof(TRACE_SOCKET_CREATED) == 80, "socket_created");

/* WskControlClient is entered */
typedef struct TRACE_CONTROL_CLIENT_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t irp;
    uint64_t client;
    uint64_t input;
    uint64_t input_size;
    uint64_t output;
    uint64_t output_size;
    uint64_t output_returned;
    TRACE_GUID npi_id;
    uint32_t code;
    uint32_t event_mask;
} TRACE_CONTROL_CLIENT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, call) == 24, "control_client_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, irp) == 32, "control_client_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, client) == 40, "control_client_enter.client");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, input) == 48, "control_client_enter.input");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, input_size) == 56, "control_client_enter.input_size");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, output) == 64, "control_client_enter.output");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, output_size) == 72, "control_client_enter.output_size");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, output_returned) == 80, "control_client_enter.output_returned");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, npi_id) == 88, "control_client_enter.npi_id");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, code) == 104, "control_client_enter.code");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_CLIENT_ENTER, event_mask) == 108, "control_client_enter.event_mask");
TRACE_STATIC_ASSERT(sizeof(TRACE_CONTROL_CLIENT_ENTER) == 112, "control_client_enter");

/* WskControlSocket is entered */
typedef struct TRACE_CONTROL_SOCKET_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t irp;
    uint64_t input;
    uint64_t input_size;
    uint64_t output;
    uint64_t output_size;
    uint64_t output_returned;
    TRACE_GUID npi_id;
    uint32_t request;
    uint32_t code;
    uint32_t level;
    uint32_t event_mask;
} TRACE_CONTROL_SOCKET_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, call) == 24, "control_socket_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, socket) == 32, "control_socket_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, pointer) == 40, "control_socket_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, irp) == 48, "control_socket_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, input) == 56, "control_socket_enter.input");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, input_size) == 64, "control_socket_enter.input_size");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, output) == 72, "control_socket_enter.output");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, output_size) == 80, "control_socket_enter.output_size");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, output_returned) == 88, "control_socket_enter.output_returned");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, npi_id) == 96, "control_socket_enter.npi_id");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, request) == 112, "control_socket_enter.request");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, code) == 116, "control_socket_enter.code");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, level) == 120, "control_socket_enter.level");
TRACE_STATIC_ASSERT(offsetof(TRACE_CONTROL_SOCKET_ENTER, event_mask) == 124, "control_socket_enter.event_mask");
TRACE_STATIC_ASSERT(sizeof(TRACE_CONTROL_SOCKET_ENTER) == 128, "control_socket_enter");

/* WskBind is entered */
typedef struct TRACE_BIND_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t irp;
    TRACE_SOCKADDR local;
    uint32_t flags;
} TRACE_BIND_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_BIND_ENTER, call) == 24, "bind_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_BIND_ENTER, socket) == 32, "bind_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_BIND_ENTER, pointer) == 40, "bind_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_BIND_ENTER, irp) == 48, "bind_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_BIND_ENTER, local) == 56, "bind_enter.local");
TRACE_STATIC_ASSERT(offsetof(TRACE_BIND_ENTER, flags) == 80, "bind_enter.flags");
TRACE_STATIC_ASSERT(sizeof(TRACE_BIND_ENTER) == 88, "bind_enter");

/* WskAccept is entered */
typedef struct TRACE_ACCEPT_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t irp;
    uint64_t context;
    uint64_t table;
    uint64_t slot0;
    uint64_t slot1;
    uint64_t slot2;
    uint64_t local_buffer;
    uint64_t remote_buffer;
    uint32_t flags;
} TRACE_ACCEPT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, call) == 24, "accept_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, socket) == 32, "accept_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, pointer) == 40, "accept_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, irp) == 48, "accept_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, context) == 56, "accept_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, table) == 64, "accept_enter.table");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, slot0) == 72, "accept_enter.slot0");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, slot1) == 80, "accept_enter.slot1");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, slot2) == 88, "accept_enter.slot2");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, local_buffer) == 96, "accept_enter.local_buffer");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, remote_buffer) == 104, "accept_enter.remote_buffer");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ENTER, flags) == 112, "accept_enter.flags");
TRACE_STATIC_ASSERT(sizeof(TRACE_ACCEPT_ENTER) == 120, "accept_enter");

/* what a successful WskAccept put into the address buffers, just before its irp_complete */
typedef struct TRACE_ACCEPT_ADDRESSES {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    TRACE_SOCKADDR local;
    TRACE_SOCKADDR remote;
} TRACE_ACCEPT_ADDRESSES;
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ADDRESSES, call) == 24, "accept_addresses.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ADDRESSES, socket) == 32, "accept_addresses.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ADDRESSES, local) == 40, "accept_addresses.local");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_ADDRESSES, remote) == 64, "accept_addresses.remote");
TRACE_STATIC_ASSERT(sizeof(TRACE_ACCEPT_ADDRESSES) == 88, "accept_addresses");

/* WskGetLocalAddress or WskGetRemoteAddress is entered */
typedef struct TRACE_ADDRESS_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t irp;
    uint64_t buffer;
    uint32_t fn;
} TRACE_ADDRESS_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_ENTER, call) == 24, "address_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_ENTER, socket) == 32, "address_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_ENTER, pointer) == 40, "address_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_ENTER, irp) == 48, "address_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_ENTER, buffer) == 56, "address_enter.buffer");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_ENTER, fn) == 64, "address_enter.fn");
TRACE_STATIC_ASSERT(sizeof(TRACE_ADDRESS_ENTER) == 72, "address_enter");

/* the address that such a call gave, just before its irp_complete */
typedef struct TRACE_ADDRESS_RESULT {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    TRACE_SOCKADDR value;
    uint32_t fn;
} TRACE_ADDRESS_RESULT;
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_RESULT, call) == 24, "address_result.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_RESULT, socket) == 32, "address_result.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_RESULT, value) == 40, "address_result.value");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESS_RESULT, fn) == 64, "address_result.fn");
TRACE_STATIC_ASSERT(sizeof(TRACE_ADDRESS_RESULT) == 72, "address_result");

/* WskSend or WskReceive is entered */
typedef struct TRACE_DATA_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t irp;
    uint64_t mdl;
    uint64_t length;
    uint32_t offset;
    uint32_t flags;
    uint32_t fn;
} TRACE_DATA_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, call) == 24, "data_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, socket) == 32, "data_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, pointer) == 40, "data_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, irp) == 48, "data_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, mdl) == 56, "data_enter.mdl");
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, length) == 64, "data_enter.length");
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, offset) == 72, "data_enter.offset");
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, flags) == 76, "data_enter.flags");
TRACE_STATIC_ASSERT(offsetof(TRACE_DATA_ENTER, fn) == 80, "data_enter.fn");
TRACE_STATIC_ASSERT(sizeof(TRACE_DATA_ENTER) == 88, "data_enter");

/* WskDisconnect is entered */
typedef struct TRACE_DISCONNECT_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t irp;
    uint64_t buffer;
    uint64_t length;
    uint32_t flags;
} TRACE_DISCONNECT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_ENTER, call) == 24, "disconnect_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_ENTER, socket) == 32, "disconnect_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_ENTER, pointer) == 40, "disconnect_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_ENTER, irp) == 48, "disconnect_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_ENTER, buffer) == 56, "disconnect_enter.buffer");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_ENTER, length) == 64, "disconnect_enter.length");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_ENTER, flags) == 72, "disconnect_enter.flags");
TRACE_STATIC_ASSERT(sizeof(TRACE_DISCONNECT_ENTER) == 80, "disconnect_enter");

/* WskCloseSocket is entered */
typedef struct TRACE_CLOSE_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t irp;
} TRACE_CLOSE_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_CLOSE_ENTER, call) == 24, "close_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_CLOSE_ENTER, socket) == 32, "close_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_CLOSE_ENTER, pointer) == 40, "close_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_CLOSE_ENTER, irp) == 48, "close_enter.irp");
TRACE_STATIC_ASSERT(sizeof(TRACE_CLOSE_ENTER) == 56, "close_enter");

/* WskRelease is entered */
typedef struct TRACE_RELEASE_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t indication;
} TRACE_RELEASE_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_RELEASE_ENTER, call) == 24, "release_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_RELEASE_ENTER, socket) == 32, "release_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_RELEASE_ENTER, pointer) == 40, "release_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_RELEASE_ENTER, indication) == 48, "release_enter.indication");
TRACE_STATIC_ASSERT(sizeof(TRACE_RELEASE_ENTER) == 56, "release_enter");

/* a function that has no record of its own is entered */
typedef struct TRACE_OTHER_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t socket;
    uint64_t pointer;
    uint64_t irp;
    uint32_t fn;
    uint32_t flags;
} TRACE_OTHER_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_OTHER_ENTER, call) == 24, "other_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_OTHER_ENTER, socket) == 32, "other_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_OTHER_ENTER, pointer) == 40, "other_enter.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_OTHER_ENTER, irp) == 48, "other_enter.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_OTHER_ENTER, fn) == 56, "other_enter.fn");
TRACE_STATIC_ASSERT(offsetof(TRACE_OTHER_ENTER, flags) == 60, "other_enter.flags");
TRACE_STATIC_ASSERT(sizeof(TRACE_OTHER_ENTER) == 64, "other_enter");

/* the WskAcceptEvent callback is about to be entered; `accept_pointer` is what the driver gets, `provider_socket` what WSK gave */
typedef struct TRACE_ACCEPT_EVENT_ENTER {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t context;
    uint64_t accept_socket;
    uint64_t accept_pointer;
    uint64_t provider_socket;
    uint64_t provider_table;
    TRACE_SOCKADDR local;
    TRACE_SOCKADDR remote;
    uint32_t flags;
} TRACE_ACCEPT_EVENT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, callback) == 24, "accept_event_enter.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, socket) == 32, "accept_event_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, context) == 40, "accept_event_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, accept_socket) == 48, "accept_event_enter.accept_socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, accept_pointer) == 56, "accept_event_enter.accept_pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, provider_socket) == 64, "accept_event_enter.provider_socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, provider_table) == 72, "accept_event_enter.provider_table");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, local) == 80, "accept_event_enter.local");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, remote) == 104, "accept_event_enter.remote");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_ENTER, flags) == 128, "accept_event_enter.flags");
TRACE_STATIC_ASSERT(sizeof(TRACE_ACCEPT_EVENT_ENTER) == 136, "accept_event_enter");

/* the WskAcceptEvent callback came back; `*_written` is 1 when the output variable no longer holds the recorder's marker, `addresses_changed` is 1 when a SOCKADDR is not what it was at enter */
typedef struct TRACE_ACCEPT_EVENT_RETURN {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t accept_socket;
    uint64_t context;
    uint64_t table;
    uint64_t slot0;
    uint64_t slot1;
    uint64_t slot2;
    uint32_t status;
    uint8_t context_written;
    uint8_t table_written;
    uint8_t addresses_changed;
} TRACE_ACCEPT_EVENT_RETURN;
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, callback) == 24, "accept_event_return.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, socket) == 32, "accept_event_return.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, accept_socket) == 40, "accept_event_return.accept_socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, context) == 48, "accept_event_return.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, table) == 56, "accept_event_return.table");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, slot0) == 64, "accept_event_return.slot0");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, slot1) == 72, "accept_event_return.slot1");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, slot2) == 80, "accept_event_return.slot2");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, status) == 88, "accept_event_return.status");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, context_written) == 92, "accept_event_return.context_written");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, table_written) == 93, "accept_event_return.table_written");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_EVENT_RETURN, addresses_changed) == 94, "accept_event_return.addresses_changed");
TRACE_STATIC_ASSERT(sizeof(TRACE_ACCEPT_EVENT_RETURN) == 96, "accept_event_return");

/* the output variables of an open WskAcceptEvent, seen when the driver enables events on the accepted socket inside it */
typedef struct TRACE_ACCEPT_OUTPUTS {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t context;
    uint64_t table;
    uint64_t slot0;
    uint64_t slot1;
    uint64_t slot2;
    uint8_t context_written;
    uint8_t table_written;
} TRACE_ACCEPT_OUTPUTS;
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, callback) == 24, "accept_outputs.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, socket) == 32, "accept_outputs.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, context) == 40, "accept_outputs.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, table) == 48, "accept_outputs.table");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, slot0) == 56, "accept_outputs.slot0");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, slot1) == 64, "accept_outputs.slot1");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, slot2) == 72, "accept_outputs.slot2");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, context_written) == 80, "accept_outputs.context_written");
TRACE_STATIC_ASSERT(offsetof(TRACE_ACCEPT_OUTPUTS, table_written) == 81, "accept_outputs.table_written");
TRACE_STATIC_ASSERT(sizeof(TRACE_ACCEPT_OUTPUTS) == 88, "accept_outputs");

/* the WskReceiveEvent callback is about to be entered */
typedef struct TRACE_RECEIVE_EVENT_ENTER {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t context;
    uint64_t indication;
    uint64_t bytes;
    uint32_t flags;
} TRACE_RECEIVE_EVENT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_ENTER, callback) == 24, "receive_event_enter.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_ENTER, socket) == 32, "receive_event_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_ENTER, context) == 40, "receive_event_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_ENTER, indication) == 48, "receive_event_enter.indication");
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_ENTER, bytes) == 56, "receive_event_enter.bytes");
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_ENTER, flags) == 64, "receive_event_enter.flags");
TRACE_STATIC_ASSERT(sizeof(TRACE_RECEIVE_EVENT_ENTER) == 72, "receive_event_enter");

/* the WskReceiveEvent callback came back */
typedef struct TRACE_RECEIVE_EVENT_RETURN {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t bytes_accepted;
    uint32_t status;
} TRACE_RECEIVE_EVENT_RETURN;
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_RETURN, callback) == 24, "receive_event_return.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_RETURN, socket) == 32, "receive_event_return.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_RETURN, bytes_accepted) == 40, "receive_event_return.bytes_accepted");
TRACE_STATIC_ASSERT(offsetof(TRACE_RECEIVE_EVENT_RETURN, status) == 48, "receive_event_return.status");
TRACE_STATIC_ASSERT(sizeof(TRACE_RECEIVE_EVENT_RETURN) == 56, "receive_event_return");

/* the WskDisconnectEvent callback is about to be entered */
typedef struct TRACE_DISCONNECT_EVENT_ENTER {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t context;
    uint32_t flags;
} TRACE_DISCONNECT_EVENT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_EVENT_ENTER, callback) == 24, "disconnect_event_enter.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_EVENT_ENTER, socket) == 32, "disconnect_event_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_EVENT_ENTER, context) == 40, "disconnect_event_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_DISCONNECT_EVENT_ENTER, flags) == 48, "disconnect_event_enter.flags");
TRACE_STATIC_ASSERT(sizeof(TRACE_DISCONNECT_EVENT_ENTER) == 56, "disconnect_event_enter");

/* the WskSendBacklogEvent callback is about to be entered */
typedef struct TRACE_BACKLOG_EVENT_ENTER {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t context;
    uint64_t backlog;
} TRACE_BACKLOG_EVENT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_BACKLOG_EVENT_ENTER, callback) == 24, "backlog_event_enter.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_BACKLOG_EVENT_ENTER, socket) == 32, "backlog_event_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_BACKLOG_EVENT_ENTER, context) == 40, "backlog_event_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_BACKLOG_EVENT_ENTER, backlog) == 48, "backlog_event_enter.backlog");
TRACE_STATIC_ASSERT(sizeof(TRACE_BACKLOG_EVENT_ENTER) == 56, "backlog_event_enter");

/* the WskInspectEvent or WskAbortEvent callback is about to be entered */
typedef struct TRACE_INSPECT_EVENT_ENTER {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t context;
    uint64_t inspect_key;
    uint32_t inspect_serial;
    uint32_t abort;
} TRACE_INSPECT_EVENT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_INSPECT_EVENT_ENTER, callback) == 24, "inspect_event_enter.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_INSPECT_EVENT_ENTER, socket) == 32, "inspect_event_enter.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_INSPECT_EVENT_ENTER, context) == 40, "inspect_event_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_INSPECT_EVENT_ENTER, inspect_key) == 48, "inspect_event_enter.inspect_key");
TRACE_STATIC_ASSERT(offsetof(TRACE_INSPECT_EVENT_ENTER, inspect_serial) == 56, "inspect_event_enter.inspect_serial");
TRACE_STATIC_ASSERT(offsetof(TRACE_INSPECT_EVENT_ENTER, abort) == 60, "inspect_event_enter.abort");
TRACE_STATIC_ASSERT(sizeof(TRACE_INSPECT_EVENT_ENTER) == 64, "inspect_event_enter");

/* the WskClientEvent callback is about to be entered */
typedef struct TRACE_CLIENT_EVENT_ENTER {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t context;
    uint32_t event_type;
} TRACE_CLIENT_EVENT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_CLIENT_EVENT_ENTER, callback) == 24, "client_event_enter.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_CLIENT_EVENT_ENTER, context) == 32, "client_event_enter.context");
TRACE_STATIC_ASSERT(offsetof(TRACE_CLIENT_EVENT_ENTER, event_type) == 40, "client_event_enter.event_type");
TRACE_STATIC_ASSERT(sizeof(TRACE_CLIENT_EVENT_ENTER) == 48, "client_event_enter");

/* a callback without a return record of its own came back */
typedef struct TRACE_CALLBACK_RETURN {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint32_t status;
} TRACE_CALLBACK_RETURN;
TRACE_STATIC_ASSERT(offsetof(TRACE_CALLBACK_RETURN, callback) == 24, "callback_return.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_CALLBACK_RETURN, socket) == 32, "callback_return.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_CALLBACK_RETURN, status) == 40, "callback_return.status");
TRACE_STATIC_ASSERT(sizeof(TRACE_CALLBACK_RETURN) == 48, "callback_return");

/* a client dispatch table no longer holds what it held when the socket was made */
typedef struct TRACE_TABLE_CHANGED {
    TRACE_HEADER header;
    uint64_t socket;
    uint64_t table;
    uint64_t slot0;
    uint64_t slot1;
    uint64_t slot2;
} TRACE_TABLE_CHANGED;
TRACE_STATIC_ASSERT(offsetof(TRACE_TABLE_CHANGED, socket) == 24, "table_changed.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_TABLE_CHANGED, table) == 32, "table_changed.table");
TRACE_STATIC_ASSERT(offsetof(TRACE_TABLE_CHANGED, slot0) == 40, "table_changed.slot0");
TRACE_STATIC_ASSERT(offsetof(TRACE_TABLE_CHANGED, slot1) == 48, "table_changed.slot1");
TRACE_STATIC_ASSERT(offsetof(TRACE_TABLE_CHANGED, slot2) == 56, "table_changed.slot2");
TRACE_STATIC_ASSERT(sizeof(TRACE_TABLE_CHANGED) == 64, "table_changed");

/* the driver wrote into a WSK_SOCKET */
typedef struct TRACE_SOCKET_OVERWRITTEN {
    TRACE_HEADER header;
    uint64_t socket;
    uint64_t pointer;
    uint64_t value;
} TRACE_SOCKET_OVERWRITTEN;
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_OVERWRITTEN, socket) == 24, "socket_overwritten.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_OVERWRITTEN, pointer) == 32, "socket_overwritten.pointer");
TRACE_STATIC_ASSERT(offsetof(TRACE_SOCKET_OVERWRITTEN, value) == 40, "socket_overwritten.value");
TRACE_STATIC_ASSERT(sizeof(TRACE_SOCKET_OVERWRITTEN) == 48, "socket_overwritten");

/* the driver begins a wait that may block; timeout in 100 ns as given, -1 for none */
typedef struct TRACE_WAIT_ENTER {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t object;
    int64_t timeout;
    uint32_t count;
    uint32_t fn;
} TRACE_WAIT_ENTER;
TRACE_STATIC_ASSERT(offsetof(TRACE_WAIT_ENTER, call) == 24, "wait_enter.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_WAIT_ENTER, object) == 32, "wait_enter.object");
TRACE_STATIC_ASSERT(offsetof(TRACE_WAIT_ENTER, timeout) == 40, "wait_enter.timeout");
TRACE_STATIC_ASSERT(offsetof(TRACE_WAIT_ENTER, count) == 48, "wait_enter.count");
TRACE_STATIC_ASSERT(offsetof(TRACE_WAIT_ENTER, fn) == 52, "wait_enter.fn");
TRACE_STATIC_ASSERT(sizeof(TRACE_WAIT_ENTER) == 56, "wait_enter");

/* that wait ended */
typedef struct TRACE_WAIT_RETURN {
    TRACE_HEADER header;
    uint64_t call;
    uint32_t fn;
    uint32_t status;
} TRACE_WAIT_RETURN;
TRACE_STATIC_ASSERT(offsetof(TRACE_WAIT_RETURN, call) == 24, "wait_return.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_WAIT_RETURN, fn) == 32, "wait_return.fn");
TRACE_STATIC_ASSERT(offsetof(TRACE_WAIT_RETURN, status) == 36, "wait_return.status");
TRACE_STATIC_ASSERT(sizeof(TRACE_WAIT_RETURN) == 40, "wait_return");

/* the driver allocates, frees or reuses an IRP */
typedef struct TRACE_IRP_MEMORY {
    TRACE_HEADER header;
    uint64_t irp;
    uint32_t fn;
    uint32_t stack_count;
} TRACE_IRP_MEMORY;
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_MEMORY, irp) == 24, "irp_memory.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_MEMORY, fn) == 32, "irp_memory.fn");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_MEMORY, stack_count) == 36, "irp_memory.stack_count");
TRACE_STATIC_ASSERT(sizeof(TRACE_IRP_MEMORY) == 40, "irp_memory");

/* the driver allocates or frees an MDL */
typedef struct TRACE_MDL_MEMORY {
    TRACE_HEADER header;
    uint64_t mdl;
    uint64_t address;
    uint32_t length;
    uint32_t fn;
} TRACE_MDL_MEMORY;
TRACE_STATIC_ASSERT(offsetof(TRACE_MDL_MEMORY, mdl) == 24, "mdl_memory.mdl");
TRACE_STATIC_ASSERT(offsetof(TRACE_MDL_MEMORY, address) == 32, "mdl_memory.address");
TRACE_STATIC_ASSERT(offsetof(TRACE_MDL_MEMORY, length) == 40, "mdl_memory.length");
TRACE_STATIC_ASSERT(offsetof(TRACE_MDL_MEMORY, fn) == 44, "mdl_memory.fn");
TRACE_STATIC_ASSERT(sizeof(TRACE_MDL_MEMORY) == 48, "mdl_memory");

/* the driver allocates pool; paged is 1 for pageable pool */
typedef struct TRACE_POOL_ALLOCATE {
    TRACE_HEADER header;
    uint64_t address;
    uint64_t size;
    uint32_t pool_type;
    uint32_t tag;
    uint32_t paged;
} TRACE_POOL_ALLOCATE;
TRACE_STATIC_ASSERT(offsetof(TRACE_POOL_ALLOCATE, address) == 24, "pool_allocate.address");
TRACE_STATIC_ASSERT(offsetof(TRACE_POOL_ALLOCATE, size) == 32, "pool_allocate.size");
TRACE_STATIC_ASSERT(offsetof(TRACE_POOL_ALLOCATE, pool_type) == 40, "pool_allocate.pool_type");
TRACE_STATIC_ASSERT(offsetof(TRACE_POOL_ALLOCATE, tag) == 44, "pool_allocate.tag");
TRACE_STATIC_ASSERT(offsetof(TRACE_POOL_ALLOCATE, paged) == 48, "pool_allocate.paged");
TRACE_STATIC_ASSERT(sizeof(TRACE_POOL_ALLOCATE) == 56, "pool_allocate");

/* the driver frees pool */
typedef struct TRACE_POOL_FREE {
    TRACE_HEADER header;
    uint64_t address;
    uint32_t tag;
} TRACE_POOL_FREE;
TRACE_STATIC_ASSERT(offsetof(TRACE_POOL_FREE, address) == 24, "pool_free.address");
TRACE_STATIC_ASSERT(offsetof(TRACE_POOL_FREE, tag) == 32, "pool_free.tag");
TRACE_STATIC_ASSERT(sizeof(TRACE_POOL_FREE) == 40, "pool_free");

/* the next stack location of an IRP as the driver hands it over, just before the enter record of the call */
typedef struct TRACE_IRP_STATE {
    TRACE_HEADER header;
    uint64_t call;
    uint64_t irp;
    uint64_t routine;
    uint32_t control;
    uint32_t stack_count;
    uint32_t current_location;
} TRACE_IRP_STATE;
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_STATE, call) == 24, "irp_state.call");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_STATE, irp) == 32, "irp_state.irp");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_STATE, routine) == 40, "irp_state.routine");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_STATE, control) == 48, "irp_state.control");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_STATE, stack_count) == 52, "irp_state.stack_count");
TRACE_STATIC_ASSERT(offsetof(TRACE_IRP_STATE, current_location) == 56, "irp_state.current_location");
TRACE_STATIC_ASSERT(sizeof(TRACE_IRP_STATE) == 64, "irp_state");

/* the SOCKADDRs that a WskAcceptEvent callback was given are spoilt, after it came back: filled with the byte 0xa5, or unmapped when unreadable is 1 */
typedef struct TRACE_ADDRESSES_POISONED {
    TRACE_HEADER header;
    uint64_t callback;
    uint64_t socket;
    uint64_t local;
    uint64_t remote;
    uint32_t bytes;
    uint32_t unreadable;
} TRACE_ADDRESSES_POISONED;
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESSES_POISONED, callback) == 24, "addresses_poisoned.callback");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESSES_POISONED, socket) == 32, "addresses_poisoned.socket");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESSES_POISONED, local) == 40, "addresses_poisoned.local");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESSES_POISONED, remote) == 48, "addresses_poisoned.remote");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESSES_POISONED, bytes) == 56, "addresses_poisoned.bytes");
TRACE_STATIC_ASSERT(offsetof(TRACE_ADDRESSES_POISONED, unreadable) == 60, "addresses_poisoned.unreadable");
TRACE_STATIC_ASSERT(sizeof(TRACE_ADDRESSES_POISONED) == 64, "addresses_poisoned");

#endif
