/** The words of a story's line as the values of a record's fields. */
import { EVENT, EVENT_DISABLE } from '../../lab/check/wsk.ts';
import type { SocketAddress } from '../../lab/trace/records.ts';
import { FUNCTIONS, PERTURBATIONS, type Field } from '../../lab/trace/schema.ts';
import { AF, CATEGORY, NPI_WSK_INTERFACE_ID, RECEIVE_EVENT_FLAG, STATUS } from '../rules/wsk.ts';

export type Value = number | bigint | string | SocketAddress | null;

const NUMBERS: Record<string, number> = {
  ...FUNCTIONS,
  ...PERTURBATIONS,
  ...CATEGORY,
  inet: AF.INET,
  inet6: AF.INET6,
  at_dispatch: RECEIVE_EVENT_FLAG.AT_DISPATCH_LEVEL,
  SEND_BACKLOG: EVENT.backlog,
  RECEIVE: EVENT.receive,
  DISCONNECT: EVENT.disconnect,
  RECEIVE_FROM: EVENT.receiveFrom,
  ACCEPT: EVENT.accept,
  DISABLE: EVENT_DISABLE,
};

const GUIDS: Record<string, string> = {
  wsk: NPI_WSK_INTERFACE_ID,
  '0': '00000000-0000-0000-0000-000000000000',
};

const isNumber = (word: string) => /^-?(0x[0-9a-f]+|\d+)$/i.test(word);

/** Sums like ACCEPT+DISABLE; every word a number or a name of the tables above. */
function readNumber(word: string, where: string): number {
  return word.split('+').reduce((sum, part) => {
    const value = isNumber(part) ? Number(part) : NUMBERS[part];
    if (value === undefined) throw new Error(`${where}: "${part}" is neither a number nor a known name`);
    return sum + value;
  }, 0);
}

function readStatus(word: string, where: string): number {
  const statuses: Record<string, number | undefined> = STATUS;
  const value = isNumber(word) ? Number(word) : statuses[word.toUpperCase()];
  if (value === undefined) throw new Error(`${where}: "${word}" is no status of specs/rules/wsk.ts`);
  return value;
}

/** '10.77.0.2:7', '[fd77::2]:7', 'null'. */
export function readAddress(word: string, where: string): SocketAddress | null {
  if (word === 'null') return null;
  const [, v6, v4, port] = /^(?:\[(.+)\]|([\d.]+)):(\d+)$/.exec(word) ?? [];
  if (port === undefined) throw new Error(`${where}: "${word}" is no address`);
  return { family: v6 ? AF.INET6 : AF.INET, port: Number(port), address: v6 ?? v4 ?? '' };
}

/** Numbers for names: every name keeps the one that it got at its first use. */
export class Numbering {
  private readonly numbers = new Map<string, number>();

  of(name: string): number {
    const number = this.numbers.get(name) ?? this.numbers.size + 1;
    this.numbers.set(name, number);
    return number;
  }
}

/** Names of one story as the numbers and addresses of a trace. */
export class Names {
  private readonly sockets = new Numbering();
  private readonly addresses = new Numbering();
  private readonly calls = new Numbering();
  private readonly callbacks = new Numbering();

  /** A word as the value of a field; names become sockets, calls or addresses by what the field holds. */
  read(field: Field, word: string, where: string): Value {
    if (field.type === 'sockaddr') return readAddress(word, where);
    if (field.type === 'guid') return GUIDS[word] ?? word;
    if (field.type === 'name') return word;
    if (field.display === 'status') return readStatus(word, where);
    if (field.type === 'u64' && field.display === 'hex') return this.address(word);
    if (!isNumber(word)) {
      if (['socket', 'parent', 'accept_socket'].includes(field.name)) return this.sockets.of(word);
      if (field.name === 'call') return this.calls.of(word);
      if (field.name === 'callback') return this.callbacks.of(word);
    }
    return readNumber(word, where);
  }

  /** Kernel addresses a page apart, so that nothing overlaps by accident; `name+8` is a place behind one. */
  private address(word: string): bigint {
    if (isNumber(word)) return BigInt(word);
    const [name = '', offset = '0'] = word.split('+');
    return 0xffff_8000_0000_0000n + BigInt(this.addresses.of(name)) * 0x1000n + BigInt(offset);
  }
}
