/**
 * Files and commands over the agent's channel, for what happens in every scenario: in the reference guest a command over
 * ssh costs a process of half a second, and the first one a login of one more.
 */
import { createHash } from 'node:crypto';
import { LabError } from '../errors.ts';
import { AgentRefusal, SILENCE_MS, type AgentChannel } from './agent-channel.ts';
import { FRAME } from './agent-frame.ts';
import type { TransferredFile, TransferOptions } from './sftp.ts';
import type { ExecOptions, ExecResult } from './ssh.ts';

/** Larger files are for SFTP: the channel carries the trace as well. */
export const MAX_AGENT_FILE_BYTES = 4 * 1024 * 1024;
/** A busy host's emulated serial port brings 4 KiB a second, and an agent that receives is silent: see heartbeat.ts. */
const CHUNK_BYTES = 16 * 1024;

const ERROR_FILE_NOT_FOUND = 2;
const ERROR_BUSY = 170;
const ERROR_INVALID_FUNCTION = 1;

/** Puts `content` at the guest's path, piece by piece, each with its checksum. */
export async function putByAgent(
  agent: AgentChannel,
  content: Uint8Array,
  guestPath: string,
  { timeoutMs = 60_000 }: TransferOptions = {},
): Promise<TransferredFile> {
  for (let offset = 0; offset === 0 || offset < content.length; offset += CHUNK_BYTES) {
    const place = Buffer.alloc(8);
    place.writeBigUInt64LE(BigInt(offset));
    const name = Buffer.from(`${guestPath}\0`, 'utf8');
    const payload = Buffer.concat([place, name, content.subarray(offset, offset + CHUNK_BYTES)]);
    await agent.request(`write ${guestPath}`, FRAME.PUT_FILE, payload, timeoutMs);
  }
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/**
 * Runs a command whose program the agent has in itself. Undefined: it is none of those, or the one before has not ended.
 * Rejects with LAB_EXEC_TIMEOUT, as over ssh; with LAB_AGENT_TIMEOUT when the agent does not run it.
 */
export async function runByAgent(
  agent: AgentChannel,
  command: string,
  { timeoutMs = 60_000 }: ExecOptions = {},
): Promise<ExecResult | undefined> {
  try {
    const { payload } = await agent.request(command, FRAME.RUN, Buffer.from(command, 'utf8'), timeoutMs);
    const exitCode = payload.length >= 4 ? payload.readUInt32LE(0) : undefined;
    const stdout = payload.subarray(4).toString('utf8');
    return { stdout, stderr: '', exitCode, signal: undefined, truncated: false };
  } catch (error) {
    const isElsewhere = error instanceof AgentRefusal && ELSEWHERE.includes(error.win32Code);
    if (isElsewhere) return undefined;
    if (!(error instanceof LabError) || error.code !== 'LAB_AGENT_TIMEOUT') throw error;
    // One that is silent, though asked for signs of life (heartbeat.ts), or runs nothing, has not heard of the command.
    if (agent.silentMs >= SILENCE_MS || !(await isBusy(agent))) throw error;
    throw new LabError({
      code: 'LAB_EXEC_TIMEOUT',
      blame: 'guest',
      message: `the command '${command}' did not end in the guest within ${timeoutMs} ms`,
      next: 'the guest may hang: see its console.log, or give the command more time',
      cause: error,
    });
  }
}

/** No program has that name: an agent that has its hand free says so, and one that runs a program that it is busy. */
const NO_PROGRAM = 'wsklab-none';
const BUSY_MS = 5_000;

async function isBusy(agent: AgentChannel): Promise<boolean> {
  try {
    await agent.request(NO_PROGRAM, FRAME.RUN, Buffer.from(NO_PROGRAM, 'utf8'), BUSY_MS);
    return false;
  } catch (error) {
    return error instanceof AgentRefusal && error.win32Code === ERROR_BUSY;
  }
}

const ELSEWHERE = [ERROR_FILE_NOT_FOUND, ERROR_BUSY, ERROR_INVALID_FUNCTION];
