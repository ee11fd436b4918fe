/** The ways between lab and guest: ssh, the agent's channel and the console, cut, held up, or full of what is wrong. */
import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { PROTOCOL_VERSION } from '../lab/guest/agent-channel.ts';
import { encodeFrame, FRAME } from '../lab/guest/agent-frame.ts';
import { isRoot } from '../lab/machine/launch.ts';
import { TAP_ADDRESSES } from '../lab/network/guest-network.ts';
import { cut, flood, say, swallow, type Borrowed } from './borrowed-descriptor.ts';
import type { Fault, StruckSetting } from './fault.ts';
import { channelDescriptor, isHolder, isQemu } from './marked-processes.ts';
import type { PhaseName } from './moments.ts';

/** Where ssh is used: clones are talked to by the agent. */
const WITH_SSH: readonly PhaseName[] = ['template', 'boot'];
const WITH_AGENT: readonly PhaseName[] = ['clone', 'trace', 'clients', 'second', 'template', 'boot'];
const SSH_PORT = '22';
/** How long another guest goes on answering. */
const STALE_MS = 10_000;

export const channelFaults: Record<string, Fault> = {
  'cut-ssh': {
    what: 'the ssh connection is cut',
    phases: WITH_SSH,
    strike: (setting) =>
      inNetwork(setting, 'ss', ['-K', 'dst', TAP_ADDRESSES.guest.ipv4, 'dport', '=', SSH_PORT]),
    allows: { blames: ['guest', 'host'] },
  },
  'stall-ssh': {
    what: 'nothing more is sent to the guest by ssh',
    phases: WITH_SSH,
    strike: (setting) =>
      inNetwork(setting, 'ip', [
        ...['rule', 'add', 'pref', '10', 'to', TAP_ADDRESSES.guest.ipv4],
        ...['ipproto', 'tcp', 'dport', SSH_PORT, 'blackhole'],
      ]),
    allows: { blames: ['guest', 'host'] },
  },
  'cut-agent': {
    what: "the agent's channel is cut",
    phases: WITH_AGENT,
    strike: (setting) => onChannel(setting, 'agent', cut),
    allows: { blames: ['guest', 'host', 'lab'] },
  },
  'deaf-agent': {
    what: 'what is sent to the agent is lost, all or some of it',
    phases: WITH_AGENT,
    strike: (setting) => onChannel(setting, 'agent', (channel) => swallow(channel, setting.over)),
    allows: { blames: ['guest', 'host', 'lab'] },
  },
  'garbage-from-agent': {
    what: "garbage comes on the agent's channel",
    phases: WITH_AGENT,
    strike: (setting) =>
      onChannel(setting, 'agent', (channel) =>
        say(channel, Buffer.from(noise(setting, 1 + setting.draw.below('bytes', 65_536)))),
      ),
    allows: { blames: ['guest', 'host', 'lab'] },
  },
  'flood-from-agent': {
    what: "10 GB of garbage come on the agent's channel",
    phases: WITH_AGENT,
    strike: (setting) =>
      onChannel(setting, 'agent', (channel) =>
        flood(channel, { text: 'WLAG is not a frame ', maxMiB: 10_240, signal: setting.over }),
      ),
    allows: { blames: ['guest', 'host', 'lab'] },
  },
  'stale-qemu': {
    what: "another guest answers the greeting on the agent's channel",
    phases: ['start', 'clone'],
    strike: async (setting) => {
      // From before the greeting until after it: one of them comes in time.
      let hasSaid = false;
      for (const until = performance.now() + STALE_MS; performance.now() < until && !setting.over.aborted;)
        hasSaid = (await onChannel(setting, 'agent', (channel) => say(channel, staleReplies()))) || hasSaid;
      return hasSaid;
    },
    allows: { blames: ['guest', 'lab'] },
  },
  'console-without-end': {
    what: 'a guest prints 4 GB on its console',
    phases: ['clone', 'trace', 'clients', 'second', 'boot'],
    strike: (setting) =>
      onChannel(setting, 'console', (channel) =>
        flood(channel, { text: 'printed without end\n', maxMiB: 4096, signal: setting.over }),
      ),
    allows: { blames: ['guest', 'host'] },
  },
};

/** Something is done with QEMU's end of a channel: what it says there, the lab hears from the guest. */
async function onChannel(
  { lab, draw }: StruckSetting,
  channel: string,
  act: (borrowed: Borrowed) => Promise<void>,
): Promise<boolean> {
  const found = lab
    .processes()
    .filter(isQemu)
    .map((process) => ({ pid: process.pid, descriptor: channelDescriptor(process, channel) }))
    .filter((each): each is Borrowed => each.descriptor !== undefined);
  if (found.length === 0) return false;
  try {
    await act(draw.pick('process', found));
    return true;
  } catch (error) {
    // It has ended, or does so now.
    if (/pidfd_getfd|Broken pipe|No such process/.test((error as Error).message)) return false;
    throw error;
  }
}

/** Runs a program in the network namespace of a guest. */
async function inNetwork({ lab, draw }: StruckSetting, program: string, args: string[]): Promise<boolean> {
  const holders = lab.processes().filter(isHolder);
  if (holders.length === 0) return false;
  const target = ['--target', `${draw.pick('process', holders).pid}`];
  const enter = isRoot ? ['--net'] : ['--user', '--net', '--preserve-credentials'];
  const { failed } = await execa('nsenter', [...target, ...enter, '--', program, ...args], {
    reject: false,
    env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  });
  return !failed;
}

/** The same in every run of the case. */
function noise({ draw }: StruckSetting, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => draw.below(`byte ${index}`, 256));
}

/** Well-formed answers to the first greetings, by a guest that does not know their nonce. */
function staleReplies(): Buffer {
  const version = Buffer.alloc(4);
  version.writeUInt32LE(PROTOCOL_VERSION);
  const replies = [1, 2, 3].map((request) =>
    encodeFrame({
      ...{ type: FRAME.HELLO_REPLY, request },
      payload: Buffer.concat([randomBytes(16), version, Buffer.alloc(4)]),
    }),
  );
  return Buffer.concat(replies);
}
