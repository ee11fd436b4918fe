/**
 * Which callbacks a driver ever enables on sockets that it gets through WskAcceptEvent, and what it handed over
 * for sockets on which it enabled none. "If the application will not be enabling" speaks of intent, and a
 * connection may end before the driver gets to enabling; so the clauses about needless contexts, tables and
 * slots are decided over the whole trace, from sockets that the driver used for data and closed itself.
 */
import type { Handlers, Judge } from '../../../../lab/check/rule.ts';
import type { Socket } from '../../../../lab/check/socket.ts';
import { EVENT_DISABLE, SO_WSK_EVENT_CALLBACK } from '../../../../lab/check/wsk.ts';

export interface Usage {
  /** Event masks that were enabled, or tried to, on any such socket, by itself, its listener or statically. */
  readonly enabled: number;
  readonly handlers: Handlers;
}

/** `used` is told of each such socket when the driver closes it; its table and context are known then. */
export function watchUsage(judge: Judge, used: (socket: Socket) => void): Usage {
  let enabled = 0;
  const accepted = (id: number): Socket | undefined => {
    const socket = judge.world.socket(id);
    return socket?.obtained === 'WskAcceptEvent' ? socket : undefined;
  };
  return {
    get enabled() {
      return enabled;
    },
    handlers: {
      control_socket_enter(record) {
        const enables = record.code === SO_WSK_EVENT_CALLBACK && (record.event_mask & EVENT_DISABLE) === 0;
        if (enables && accepted(record.socket)) enabled |= record.event_mask;
      },
      close_enter(record) {
        const socket = accepted(record.socket);
        if (!socket || socket.closeEnter) return;
        enabled |= socket.flagsWhere((each) => each.everOn);
        if (socket.carriedData && socket.acceptReturn && !socket.isDisowned) used(socket);
      },
    },
  };
}

/** Collects at most a handful of sockets for the report, and counts all. */
export class Suspects {
  count = 0;
  readonly first: Socket[] = [];

  add(socket: Socket): void {
    this.count++;
    if (this.first.length < 5) this.first.push(socket);
  }
}
