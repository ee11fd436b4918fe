import assert from 'node:assert/strict';
import { readWimImages } from '../../lab/image/wim.ts';
import { editionLines, EDITIONS } from './editions.ts';
import { wimFile } from './wim-file.ts';

describe("the stand-in's install.wim", () => {
  it('names its editions to the reader of Windows media', async () => {
    const bytes = wimFile(EDITIONS);

    const images = await readWimImages(
      (async function* () {
        yield bytes;
      })(),
    );
    assert.deepEqual(images, EDITIONS);
  });

  it('calls nothing of it Windows, and gives Setup the same editions', () => {
    for (const { name, editionId } of EDITIONS) {
      assert.match(name, /^Stand-in /);
      assert.match(editionId, /^StandIn/);
    }
    assert.equal(
      editionLines().split('\n')[0],
      '1 x64 en-US StandInServerEval 20348 Stand-in for Windows Server (no Windows)',
    );
  });
});
