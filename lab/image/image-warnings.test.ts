import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256OfFile } from './file-digest.ts';
import { imageWarnings, licenceWarnings } from './image-warnings.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const image = (expiresAt?: string, licence = 'licensed') => ({
  name: 'windows-server-2022',
  facts: {
    ...{ build: '20348', edition: 'ServerStandardEval', hostKey: 'k', licence },
    ...(expiresAt && { expiresAt }),
  },
});

describe('what a person should know of an image', () => {
  it('is the end of its evaluation, from two weeks before', () => {
    assert.deepEqual(licenceWarnings(image(), NOW), []);
    assert.deepEqual(licenceWarnings(image('2026-12-07T12:00:00Z'), NOW), []);
    assert.match(licenceWarnings(image('2026-12-01T12:00:00Z'), NOW)[0]!, /ends on 2026-12-01, in 9 days/);
    assert.match(licenceWarnings(image('2026-11-22T11:59:00Z'), NOW)[0]!, /ended on 2026-11-22/);
  });

  it('is that it wants to be activated', () => {
    assert.match(
      licenceWarnings(image(undefined, 'notification'), NOW)[0]!,
      /is not activated \(notification\)/,
    );
    assert.deepEqual(licenceWarnings(image(undefined, 'initial grace'), NOW), []);
  });

  it('is which of the files in it are others now, by their content', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wsklab-warnings-'));
    const path = join(folder, 'certificate.pem');
    await writeFile(path, 'one');
    const inputs = { 'certificate.pem': await sha256OfFile(path) };
    assert.deepEqual(await imageWarnings({ ...image(), inputs }, { 'certificate.pem': path }, NOW), []);
    await writeFile(path, 'two');
    const [warning] = await imageWarnings({ ...image(), inputs }, { 'certificate.pem': path }, NOW);
    assert.match(warning!, /made with another certificate\.pem/);
    await rm(folder, { recursive: true });
  });
});
