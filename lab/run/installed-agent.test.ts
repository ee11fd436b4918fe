import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../errors.ts';
import type { TransferredFile } from '../guest/sftp.ts';
import type { ExecResult } from '../guest/ssh.ts';
import { agentFault, agentToUpdate, requireAgent, updateAgent } from './installed-agent.ts';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const agent = { content: Buffer.from('present'), sha256: sha256(Buffer.from('present')) };

/** Files by their paths, `move` as cmd.exe has it, and a file that may not be moved because somebody forbids it. */
class Disk {
  readonly name = 'some';
  readonly files = new Map<string, Buffer>([['C:\\lab\\agent.exe', Buffer.from('old')]]);
  forbidden: string | undefined;

  put(source: string | Uint8Array, path: string): Promise<TransferredFile> {
    if (this.forbidden === path)
      return Promise.reject(
        new LabError({ code: 'LAB_SFTP_FAILED', blame: 'guest', message: 'permission denied' }),
      );
    const content = Buffer.from(source);
    this.files.set(path, content);
    return Promise.resolve({ bytes: content.length, sha256: sha256(content) });
  }

  read(path: string): Promise<Buffer> {
    return Promise.resolve(this.files.get(path)!);
  }

  exec(command: string): Promise<ExecResult> {
    const [, from, to] = /^move \/y (\S+) (\S+)$/.exec(command)!;
    const refused = this.forbidden === from;
    if (!refused) {
      this.files.set(to!, this.files.get(from!)!);
      this.files.delete(from!);
    }
    const stdout = refused ? 'Access is denied.\r\n' : '        1 file(s) moved.\r\n';
    const ended = { stderr: '', signal: undefined, truncated: false };
    return Promise.resolve({ ...ended, stdout, exitCode: refused ? 1 : 0 });
  }
}

describe("an installed image's agent", () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsklab-agent-'));
    path = join(folder, 'agent.exe');
    await writeFile(path, 'present');
  });
  after(() => rm(folder, { recursive: true }));

  it('is another one than there is now by its content, and no matter where there was none', async () => {
    const made = (inputs: Record<string, string>) => agentToUpdate({ inputs }, { 'agent.exe': path });
    assert.deepEqual(await made({ 'agent.exe': sha256(Buffer.from('old')) }), agent);
    assert.equal(await made({ 'agent.exe': agent.sha256 }), undefined);
    assert.equal(await made({}), undefined);
    assert.equal(await agentToUpdate({ inputs: { 'agent.exe': 'x' } }, {}), undefined);
  });

  it('is renamed while it runs, and the present one takes its place', async () => {
    const guest = new Disk();
    await updateAgent(guest, agent);
    const files = Object.fromEntries([...guest.files].map(([name, bytes]) => [name, bytes.toString()]));
    assert.deepEqual(files, { 'C:\\lab\\agent.exe': 'present', 'C:\\lab\\agent.old.exe': 'old' });
  });

  for (const [forbidden, says] of [
    ['C:\\lab\\agent.new.exe', /one: permission denied$/],
    ['C:\\lab\\agent.exe', /'move \/y C:\\lab\\agent\.exe .*' ended with exit code 1, expected 0: Access is/],
  ] as const)
    it(`is told when the guest refuses to have ${forbidden} touched`, async () => {
      const guest = Object.assign(new Disk(), { forbidden });
      await assert.rejects(updateAgent(guest, agent), {
        ...{ code: 'LAB_AGENT_UPDATE', blame: 'guest', message: says },
        next: 'build the image again: npm run lab -- image build some',
      });
    });

  it('is told when it is still the old one', async () => {
    await assert.rejects(requireAgent(new Disk(), agent), {
      code: 'LAB_AGENT_UPDATE',
      message: new RegExp(`has 3 bytes with SHA-256 [0-9a-f]{64}, expected 7 with ${agent.sha256}$`),
    });
  });

  it('that does not fit is told with what to do, and nothing else is taken for that', () => {
    const of = (code: `LAB_${string}`) => new LabError({ code, blame: 'lab', message: 'it speaks 2' });
    const fault = agentFault('some', of('LAB_AGENT_VERSION')) as LabError;
    assert.match(fault.message, /^image 'some' was made with another agent\.exe .*: it speaks 2$/);
    assert.match(fault.next!, /without --cold; or build the image again/);
    for (const code of ['LAB_AGENT_REFUSED', 'LAB_AGENT_TRACE'] as const)
      assert.equal((agentFault('some', of(code)) as LabError).code, 'LAB_AGENT_VERSION');
    const other = of('LAB_GUEST_GONE');
    assert.equal(agentFault('some', other), other);
  });
});
