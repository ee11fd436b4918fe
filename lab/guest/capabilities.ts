/**
 * What a guest can do beyond ssh, SFTP, sc.exe and its agent: found out by asking the guest and its machine once it has
 * booted, never concluded from what it is called. A template keeps what its guest answered; so do its clones.
 */
import { z } from 'zod';

/** Names, and what each means. */
export const CAPABILITIES = {
  testSigning: 'the kernel starts drivers with a test signature',
  verifier: 'Driver Verifier can be armed',
  crashDump: 'a crash leaves a memory dump, and the guest restarts',
  panicEvent: 'a crash of the kernel is told to the host at once, with its code',
  nmi: 'an NMI makes a guest that hangs crash, so that it leaves a dump',
  kernelDebug: 'a kernel debugger can be switched on',
  etw: 'event tracing of Windows',
} as const;
export type Capability = keyof typeof CAPABILITIES;

export const capabilityNames = Object.keys(CAPABILITIES) as [Capability, ...Capability[]];

export const capabilityFindingSchema = z.strictObject({
  name: z.enum(capabilityNames),
  has: z.boolean(),
  /** What was seen. */
  why: z.string(),
});
export type CapabilityFinding = z.output<typeof capabilityFindingSchema>;
