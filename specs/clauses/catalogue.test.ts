import assert from 'node:assert/strict';
import { readCatalogue } from './catalogue.ts';

/** Clauses per area: all, of the driver, of the subsystem, permissions. */
const COUNTS: Record<string, [number, number, number, number]> = {
  reg: [40, 20, 14, 6],
  client: [20, 11, 8, 1],
  irp: [23, 14, 4, 5],
  gen: [14, 10, 3, 1],
  cb: [20, 11, 5, 4],
  evt: [41, 18, 15, 8],
  sock: [17, 10, 6, 1],
  bind: [14, 7, 6, 1],
  listen: [7, 6, 0, 1],
  accept: [31, 13, 13, 5],
  'accept-event': [64, 23, 28, 13],
  inspect: [27, 12, 13, 2],
  'inspect-complete': [10, 6, 3, 1],
  abort: [10, 3, 7, 0],
  connect: [6, 5, 1, 0],
  'connect-ex': [6, 3, 3, 0],
  send: [13, 6, 5, 2],
  recv: [16, 5, 7, 4],
  'recv-event': [28, 8, 15, 5],
  release: [9, 8, 1, 0],
  disc: [15, 5, 8, 2],
  'disc-event': [10, 2, 7, 1],
  backlog: [7, 4, 3, 0],
  close: [21, 10, 8, 3],
  addr: [8, 4, 3, 1],
  ctl: [24, 13, 10, 1],
  buf: [6, 4, 1, 1],
  dgram: [25, 10, 14, 1],
  sd: [4, 3, 1, 0],
  share: [3, 0, 3, 0],
  name: [5, 4, 1, 0],
  nmr: [6, 6, 0, 0],
  ext: [2, 1, 1, 0],
};

describe('the catalogue of clauses', () => {
  const catalogue = readCatalogue();
  const clauses = catalogue.flatMap((area) => area.clauses);

  it('has as many clauses per area and party as the documents were found to have', () => {
    const counted = catalogue.map(({ area, clauses }) => [
      area,
      [
        clauses.length,
        ...(['driver', 'subsystem', 'permission'] as const).map(
          (party) => clauses.filter((clause) => clause.party === party).length,
        ),
      ],
    ]);
    assert.deepEqual(Object.fromEntries(counted), COUNTS);
    assert.equal(clauses.length, 552);
  });

  it('gives every clause an id of its own, in the area of its file', () => {
    assert.equal(new Set(clauses.map(({ id }) => id)).size, clauses.length);
    for (const { area, clauses } of catalogue)
      for (const { id } of clauses) assert.equal(id.split('/')[0], area);
  });
});
