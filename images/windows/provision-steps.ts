/**
 * What is done to Windows after its first logon, in order. A step is a file of provision/: one command a line, and the
 * last ones read again what the others did. Every command has to end with 0; provision-script.ts sees to that.
 */
export const PROVISION_STEPS = [
  'files',
  'network',
  'addresses',
  'offload',
  'openssh',
  'ssh-key',
  'firewall',
  'test-signing',
  'boot-policy',
  'certificates',
  'memory-integrity',
  'crash-dump',
  'debug-print',
  'updates',
  'defender',
  'quiet',
  'power',
  'agent',
  // Last: as long as a step fails, a restart logs on and can be looked at.
  'logon',
] as const;

export type ProvisionStep = (typeof PROVISION_STEPS)[number];

/** Commands that the steps call, also one command a line. */
export const PROVISION_TOOLS = ['set-dword', 'disable-service', 'delete-value'] as const;
