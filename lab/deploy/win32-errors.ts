/**
 * Win32 errors that a user meets when a driver is deployed, in words. Numbers and names are those of winerror.h;
 * what they mean for drivers is from Microsoft's driver documentation and from what guests were seen to do.
 */
import type { Blame } from '../errors.ts';

export interface Win32Error {
  name: string;
  /** What it says about a driver's service; lower-case start, no full stop. */
  meaning: string;
  next: string;
  blame: Blame;
}

export const WIN32_ERRORS: Record<number, Win32Error> = {
  2: {
    name: 'ERROR_FILE_NOT_FOUND',
    meaning: 'the driver file, or a module that it imports from, is not in the guest',
    next: 'compare the modules that the driver imports from with the files in system32\\drivers',
    blame: 'driver',
  },
  3: {
    name: 'ERROR_PATH_NOT_FOUND',
    meaning: 'the folder that the service names is not in the guest',
    next: "look at the service's binPath with sc.exe qc",
    blame: 'lab',
  },
  5: {
    name: 'ERROR_ACCESS_DENIED',
    meaning: 'the guest account may not do this to services',
    next: 'use an account of the Administrators group, elevated',
    blame: 'guest',
  },
  31: {
    name: 'ERROR_GEN_FAILURE',
    meaning: 'DriverEntry gave up: it returned STATUS_UNSUCCESSFUL or a status like it',
    next: "see the last calls in the trace and DriverEntry's own error paths",
    blame: 'driver',
  },
  127: {
    name: 'ERROR_PROC_NOT_FOUND',
    meaning: 'the driver imports a function that its module does not export in this guest',
    next: 'compare its imports with what the guest has; a function that this system lacks has to be looked up at run time',
    blame: 'driver',
  },
  182: {
    name: 'ERROR_INVALID_ORDINAL',
    meaning: 'the driver imports by an ordinal that its module does not have in this guest',
    next: 'link the driver against an import library that imports by name',
    blame: 'driver',
  },
  193: {
    name: 'ERROR_BAD_EXE_FORMAT',
    meaning: 'the file is no driver for this system: not a PE file, another processor, or a wrong checksum',
    next: 'deploy the file that the build made, for x64, through the lab',
    blame: 'driver',
  },
  225: {
    name: 'ERROR_VIRUS_INFECTED',
    meaning: 'the virus scanner of the guest took the driver for malware and removed it',
    next: 'exclude C:\\lab and the drivers folder from scanning in the guest image',
    blame: 'guest',
  },
  577: {
    name: 'ERROR_INVALID_IMAGE_HASH',
    meaning:
      'the signature of the driver was refused: it is unsigned, was changed after signing, or its certificate is not trusted',
    next: 'deploy it through the lab, which signs it; on Windows also check that test signing is on (bcdedit)',
    blame: 'driver',
  },
  1052: {
    name: 'ERROR_INVALID_SERVICE_CONTROL',
    meaning: 'the driver cannot be stopped: it has no DriverUnload',
    next: 'set DriverObject->DriverUnload; until then only a restart of the guest unloads it',
    blame: 'driver',
  },
  1053: {
    name: 'ERROR_SERVICE_REQUEST_TIMEOUT',
    meaning: 'the service did not answer in time: DriverEntry or DriverUnload has not come back',
    next: 'see in the trace which wait was entered and not left',
    blame: 'driver',
  },
  1056: {
    name: 'ERROR_SERVICE_ALREADY_RUNNING',
    meaning: 'the driver is running already, or was loaded because another driver imports from it',
    next: 'stop it first, or start it before the drivers that import from it',
    blame: 'lab',
  },
  1058: {
    name: 'ERROR_SERVICE_DISABLED',
    meaning: 'the service is disabled, or was being deleted when its guest went down',
    next: 'delete the service and create it again, or use a fresh guest',
    blame: 'guest',
  },
  1060: {
    name: 'ERROR_SERVICE_DOES_NOT_EXIST',
    meaning: 'no service of that name exists in the guest',
    next: 'deploy the driver first',
    blame: 'lab',
  },
  1061: {
    name: 'ERROR_SERVICE_CANNOT_ACCEPT_CTRL',
    meaning:
      'the service takes no control now: it is still starting or stopping, mostly for a handle that is open',
    next: 'see in the trace what it waits for, and close handles to its device',
    blame: 'driver',
  },
  1062: {
    name: 'ERROR_SERVICE_NOT_ACTIVE',
    meaning: 'the driver is not running',
    next: 'see whether it was ever started, or ended by itself',
    blame: 'lab',
  },
  1067: {
    name: 'ERROR_PROCESS_ABORTED',
    meaning: 'the process that hosts the driver ended unexpectedly: the driver crashed',
    next: 'see the crash record at the end of the trace',
    blame: 'driver',
  },
  1072: {
    name: 'ERROR_SERVICE_MARKED_FOR_DELETE',
    meaning: 'the service was deleted while it ran or was open, and is not gone yet',
    next: 'stop the driver and close what has the service open, or use a fresh guest',
    blame: 'guest',
  },
  1073: {
    name: 'ERROR_SERVICE_EXISTS',
    meaning: 'a service of that name exists already',
    next: 'delete it, or use a fresh guest',
    blame: 'lab',
  },
  1275: {
    name: 'ERROR_DRIVER_BLOCKED',
    meaning: 'a policy of the guest blocks the driver (code integrity, or the list of vulnerable drivers)',
    next: "see the guest's event log Microsoft-Windows-CodeIntegrity/Operational; turn memory integrity off in the image",
    blame: 'guest',
  },
  1450: {
    name: 'ERROR_NO_SYSTEM_RESOURCES',
    meaning:
      'the guest has no memory or other resource left for this, or Driver Verifier makes allocations fail',
    next: 'give the guest more memory, or see the verifier settings',
    blame: 'guest',
  },
};

/** '577 (ERROR_INVALID_IMAGE_HASH): the signature ...', or the bare number if it is not in the table. */
export function explainWin32Error(code: number): string {
  const known = WIN32_ERRORS[code];
  return known ? `${code} (${known.name}): ${known.meaning}` : `${code}`;
}
