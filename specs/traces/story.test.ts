import assert from 'node:assert/strict';
import { applyEdits } from './edit.ts';
import { buildEvidence } from './evidence.ts';
import { parseLines } from './story.ts';

const TRACE = `
  start   trace_start
  socket  socket_enter irp=i flags=listen context=c creates=L => pending success
  accept  accept_event_enter socket=L accept_socket=A irql=2
  accept  returns success context=a after=2ms
  stop    trace_stop
`;
const labels = (text: string) => parseLines(text).map(({ label }) => label);

describe('the text of stories', () => {
  it('writes out a call that ends at once, with the IRP before it and what it creates', () => {
    assert.deepEqual(labels(TRACE), [
      'start',
      'socket.irp',
      'socket',
      'socket.return',
      'socket.created',
      'socket.complete',
      'socket.completed',
      'accept',
      'accept.return',
      'stop',
    ]);
  });

  it('creates nothing when the request fails', () => {
    assert.ok(!labels('s socket_enter irp=i creates=L => pending cancelled').includes('s.created'));
  });

  it('names the line that it cannot read', () => {
    assert.throws(() => parseLines('bind bind_enter socket'), /bind: "socket" is not field=value/);
    assert.throws(() => parseLines('x returns success'), /no line "x" before this one/);
  });
});

describe('records of a story', () => {
  const story = parseLines(TRACE);
  const { records } = buildEvidence(story, story, {});
  const find = (label: string) => records.find((record) => record.label === label);

  it('take over call, socket, thread and IRQL from the line that they belong to', () => {
    assert.equal(find('socket.return')?.call, find('socket')?.call);
    assert.equal(find('accept.return')?.irql, 2);
    assert.equal(find('accept.return')?.tid, find('accept')?.tid);
    assert.equal(find('socket.complete')?.information, find('socket.created')?.pointer);
  });

  it('lie 10 µs apart unless the line says more', () => {
    assert.equal(Number(find('accept.return')?.time) - Number(find('accept')?.time), 2_010_000);
  });

  it('refuse a field that the record does not have', () => {
    const wrong = parseLines('start trace_start\nbind bind_enter port=7');
    assert.throws(() => buildEvidence(wrong, wrong, {}), /bind: bind_enter has no field "port"/);
  });
});

describe('edits of a story', () => {
  const story = parseLines(TRACE);
  const edited = (...edits: Parameters<typeof applyEdits>[1]) =>
    applyEdits(story, edits).lines.map(({ label }) => label);

  it('delete and move a line with all that belongs to it', () => {
    assert.deepEqual(edited({ delete: 'socket' }), ['start', 'accept', 'accept.return', 'stop']);
    assert.equal(edited({ move: 'accept', before: 'socket.irp' })[2], 'accept.return');
  });

  it('cut before a line, and mark lost records at one', () => {
    assert.deepEqual(edited({ cut: 'socket' }), ['start', 'socket.irp']);
    const { lines, known } = applyEdits(story, [{ lose: 3, before: 'accept' }]);
    assert.deepEqual(
      buildEvidence(lines, known, {}).records.map(({ discarded }) => discarded),
      [0, 0, 0, 0, 0, 0, 0, 3, 3, 3],
    );
  });

  it('refuse a label that is not there and one that is there twice', () => {
    assert.throws(() => edited({ delete: 'bind' }), /there is no line "bind" to delete/);
    assert.throws(
      () => edited({ insert: 'stop trace_stop', after: 'accept' }),
      /two lines are called "stop"/,
    );
  });
});
