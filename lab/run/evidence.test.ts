import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ClientOperation } from '../client/operation.ts';
import { CtfWriter } from '../trace/ctf-writer.ts';
import { encodeRecords } from '../trace/encoder.ts';
import { buildCapture, buildFrame } from '../wire/frame.ts';
import { FolderEvidence, saveClients } from './evidence.ts';
import { scenarioFolder, type ScenarioFolder } from './run-folder.ts';

const CONNECT: ClientOperation = {
  ...{ id: 0, client: 'a', connection: 1, kind: 'connect', result: 'ok', bytes: 0 },
  ...{ beganNs: 9_000, endedNs: 10_000, local: null, remote: null },
};

describe('the evidence in a folder', () => {
  let folder: ScenarioFolder;
  beforeEach(async () => {
    folder = scenarioFolder(await mkdtemp(join(tmpdir(), 'wsklab-evidence-')));
    await using writer = await CtfWriter.create(folder.trace, 0n);
    await writer.append(
      encodeRecords([
        { event: 'trace_start', frequency: 1_000_000_000 },
        { event: 'pool_free', time: 1_000 },
        { event: 'trace_stop', time: 2_000 },
      ]),
    );
    await writer.finish();
    const clock = { startNs: 0n, errorNs: 5 };
    await saveClients(folder.clients, [CONNECT], { originNs: 0n, clock, end: undefined, stalls: [] });
  });
  afterEach(() => rm(folder.path, { recursive: true }));

  async function sources(): Promise<string[]> {
    const seen: string[] = [];
    for await (const { source } of (await FolderEvidence.open(folder)).read()) seen.push(source);
    return seen;
  }

  it('comes in order of time', async () => {
    assert.deepEqual(await sources(), ['trace', 'trace', 'trace', 'client']);
  });

  it('says that the trace is cut before it gives what only others saw', async () => {
    const stream = join(folder.trace, 'stream_0');
    const { length } = await readFile(stream);
    for (let cut = length - 1; cut >= 0; cut--) {
      await truncate(stream, cut);
      const seen = await sources();
      assert.deepEqual(seen.slice(-2), ['loss', 'client']);
      assert.equal(seen.filter((source) => source === 'loss').length, 1);
    }
  });

  it('is off by the errors of both clocks where there are packets: these are placed by the clients', async () => {
    const client = { address: '10.77.0.1', port: 50_000 };
    const connect = { ...CONNECT, beganNs: 0, endedNs: 2_000, local: { family: 4 as const, ...client } };
    const clock = { startNs: 0n, errorNs: 5 };
    await saveClients(folder.clients, [connect], { originNs: 0n, clock, end: undefined, stalls: [] });
    assert.equal((await FolderEvidence.open(folder)).clockErrorNs, 5);
    const syn = { flags: 2, sequence: 1, acknowledgement: 0, payloadBytes: 0 };
    const server = { address: '10.77.0.2', port: 7 };
    const frames = [buildFrame({ ...syn, source: client, destination: server })];
    await writeFile(folder.wire, buildCapture(frames));
    assert.equal((await FolderEvidence.open(folder)).clockErrorNs, 5 + 1_000);
  });

  it('refuses a log of the clients in which a byte was changed, and one that is cut', async () => {
    const bytes = await readFile(folder.clients);
    const refused = { code: 'LAB_CLIENTS_LOG', exitCode: 3 };
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 2), async (at) => {
        await writeFile(folder.clients, bytes.subarray(0, at));
        await assert.rejects(sources(), refused);
        const changed = Buffer.from(bytes);
        changed[at] = changed[at] === 0x31 ? 0x32 : 0x31;
        await writeFile(folder.clients, changed);
        await assert.rejects(sources(), refused);
      }),
      { numRuns: 60 },
    );
  });
});
