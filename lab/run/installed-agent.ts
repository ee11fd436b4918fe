/**
 * An installed image keeps the agent that it was installed with. Where the lab has another one now, the guest of a
 * template gets that; one that boots as its image is runs with its own, if that still serves.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LabError } from '../errors.ts';
import type { BootedGuest } from '../guest/guest.ts';
import type { ImageInputs } from '../image/image-recipe.ts';
import type { ImageManifest } from '../image/image-store.ts';

export interface AgentFile {
  content: Buffer;
  sha256: string;
}

export const AGENT_FILE = 'agent.exe';
const PLACE = String.raw`C:\lab\agent.exe`;
const NEW_PLACE = String.raw`C:\lab\agent.new.exe`;
const OLD_PLACE = String.raw`C:\lab\agent.old.exe`;

/** The lab's agent, for an image that was made with another one; a built image never is. */
export async function agentToUpdate(
  { inputs: made }: Pick<ImageManifest, 'inputs'>,
  inputs: ImageInputs,
): Promise<AgentFile | undefined> {
  const path = inputs[AGENT_FILE];
  if (path === undefined || made[AGENT_FILE] === undefined) return undefined;
  const content = await readFile(path);
  const sha256 = sha256Of(content);
  return sha256 === made[AGENT_FILE] ? undefined : { content, sha256 };
}

type AgentHost = Pick<BootedGuest, 'name' | 'exec' | 'put' | 'read'>;

/** Takes effect at the next start. Windows lets a program that runs be renamed, and not be written over. */
export async function updateAgent(guest: AgentHost, agent: AgentFile): Promise<void> {
  await orRefused(guest, guest.put(agent.content, NEW_PLACE));
  for (const command of [`move /y ${PLACE} ${OLD_PLACE}`, `move /y ${NEW_PLACE} ${PLACE}`]) {
    const { exitCode, stdout, stderr } = await guest.exec(command);
    if (exitCode === 0) continue;
    const words = `${stdout} ${stderr}`.replace(/\s+/g, ' ').trim().slice(0, 300);
    throw refused(guest, `'${command}' ended with exit code ${exitCode}, expected 0: ${words}`);
  }
  await requireAgent(guest, agent);
}

/** Rejects with LAB_AGENT_UPDATE unless it is the agent in the guest. */
export async function requireAgent(guest: AgentHost, { content, sha256 }: AgentFile): Promise<void> {
  const found = await orRefused(guest, guest.read(PLACE));
  if (sha256Of(found) === sha256) return;
  throw refused(
    guest,
    `${PLACE} has ${found.length} bytes with SHA-256 ${sha256Of(found)}, expected ${content.length} with ${sha256}`,
  );
}

const NOT_TRANSFERRED = ['LAB_SFTP_FAILED', 'LAB_SFTP_CORRUPTED', 'LAB_SFTP_TIMEOUT'];

async function orRefused<T>(guest: AgentHost, transfer: Promise<T>): Promise<T> {
  try {
    return await transfer;
  } catch (error) {
    if (error instanceof LabError && NOT_TRANSFERRED.includes(error.code))
      throw refused(guest, error.message, error);
    throw error;
  }
}

function refused({ name }: AgentHost, why: string, cause?: Error): LabError {
  return new LabError({
    code: 'LAB_AGENT_UPDATE',
    blame: 'guest',
    message: `the lab's agent did not get into guest '${name}', whose image was made with another one: ${why}`,
    next: `build the image again: npm run lab -- image build ${name}`,
    cause,
  });
}

/** For a person whose guest boots as its image is. */
export function agentWarning(image: string): string {
  return `image '${image}' was made with another ${AGENT_FILE} than there is now, and boots with its own; ${TEMPLATES}`;
}

const TEMPLATES = 'run and shell give it the present one without --cold';

const UNFIT = ['LAB_AGENT_VERSION', 'LAB_AGENT_REFUSED', 'LAB_AGENT_TRACE'];

/** What went wrong with the image's own agent, in words that tell what to do; any other error as it is. */
export function agentFault(image: string, error: unknown): unknown {
  if (!(error instanceof LabError) || !UNFIT.includes(error.code)) return error;
  return new LabError({
    code: 'LAB_AGENT_VERSION',
    blame: 'usage',
    message: `image '${image}' was made with another ${AGENT_FILE} than there is now, which does not fit: ${error.message}`,
    next: `${TEMPLATES}; or build the image again: npm run lab -- image build ${image}`,
    evidence: error.evidence,
    cause: error,
  });
}

const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
