/**
 * Addresses of their own for clients, in the network namespace that the worker runs in. A client that vanishes
 * loses its address: from then on this machine sends nothing for it and answers nothing to it, neither TCP nor
 * ARP, which is what a peer sees of a machine whose power was cut. (Killing the process would not do: its kernel
 * would still send FIN or RST.)
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export class OwnAddresses {
  #taken = 0;
  readonly #deviceOf = new Map<string, string>();

  /** Takes `count` fresh addresses in the network through which `host` is reached. */
  async take(count: number, host: string): Promise<string[]> {
    const family = host.includes(':') ? '-6' : '-4';
    const { stdout } = await run('ip', ['-json', family, 'route', 'get', host]);
    const [route] = JSON.parse(stdout) as { dev: string; prefsrc: string }[];
    if (!route) throw new Error(`no route to ${host}`);
    const addresses: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const address = neighbour(route.prefsrc, ++this.#taken);
      const prefix = family === '-6' ? `${address}/64` : `${address}/24`;
      await run('ip', ['address', 'add', prefix, 'dev', route.dev, ...(family === '-6' ? ['nodad'] : [])]);
      this.#deviceOf.set(address, route.dev);
      addresses.push(address);
    }
    return addresses;
  }

  has(address: string): boolean {
    return this.#deviceOf.has(address);
  }

  /** Takes the address away from the machine, and with it from whoever uses it. */
  async drop(address: string): Promise<void> {
    const device = this.#deviceOf.get(address);
    if (device === undefined) throw new Error(`${address} is no client's own address`);
    const prefix = address.includes(':') ? `${address}/64` : `${address}/24`;
    const family = address.includes(':') ? '-6' : '-4';
    await run('ip', ['address', 'del', prefix, 'dev', device]);
    // IPv6 of Linux goes on sending from an address that is no longer there, for instance FIN at the worker's end.
    await run('ip', [family, 'rule', 'add', 'from', address, 'blackhole']);
    this.#deviceOf.delete(address);
  }
}

/** Lower half of the last group is left to the guest, the host and its like: 10.77.0.1 -> 10.77.0.101. */
function neighbour(own: string, ordinal: number): string {
  if (own.includes(':')) return own.replace(/[^:]*$/, (0x1000 + ordinal).toString(16));
  if (ordinal > 150) throw new Error('more than 150 clients with an address of their own');
  return own.replace(/\d+$/, String(100 + ordinal));
}
