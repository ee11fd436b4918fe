/** The connections of each client name, and how many of a group are there already. */
import type { ClientConnection } from './connection.ts';
import type { ClientOutcome } from './operation.ts';

export class ClientGroups {
  readonly #groups = new Map<string, ClientConnection[]>();
  readonly #waiting = new Set<() => void>();

  /** Makes a group known before its first client is connected. */
  open(name: string): void {
    if (this.#groups.has(name)) throw new Error(`clients named '${name}' were connected before`);
    this.#groups.set(name, []);
  }

  add(name: string, connection: ClientConnection): void {
    this.#groups.get(name)?.push(connection);
    for (const look of [...this.#waiting]) look();
  }

  /** The connected clients of the groups. */
  named(names: readonly string[]): ClientConnection[] {
    return names.flatMap((name) => {
      const group = this.#groups.get(name);
      if (group === undefined) throw new Error(`no clients named '${name}'`);
      return group;
    });
  }

  everyone(): ClientConnection[] {
    return [...this.#groups.values()].flat();
  }

  /** Waits until `count` clients of a group are connected; the group may be opened meanwhile. */
  async waitForConnected(client: string, count: number, withinMs: number): Promise<ClientOutcome> {
    const connected = (): number => this.#groups.get(client)?.length ?? 0;
    if (connected() >= count) return { client, outcome: 'connected' };
    return await new Promise((resolve) => {
      const finish = (outcome: ClientOutcome): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(outcome);
      };
      const look = (): void => {
        if (connected() >= count) finish({ client, outcome: 'connected' });
      };
      const timer = setTimeout(
        () => finish({ client, outcome: 'timeout', detail: `${connected()} of ${count} connected` }),
        withinMs,
      );
      this.#waiting.add(look);
    });
  }
}
