/** What has stopped without a word: it is asked again and again, and answers no more. */
import { ThreadWaits } from '../machine/processor-waits.ts';
import type { QmpClient } from '../machine/qmp.ts';
import type { AgentChannel } from './agent-channel.ts';
import type { GuestGone } from './guest-gone.ts';

const BEAT_MS = 500;
/** A host that itself stood still for long has missed one beat, not all. QEMU's are fewer: with it the agent is silent too. */
const AGENT_BEATS = 16;
const QEMU_BEATS = 12;

/** One that answers while it lives. */
interface Asked {
  /** How long nothing has come from it. */
  silentMs: () => number;
  /** Whatever comes back counts, also after that time. */
  ask: (timeoutMs: number) => Promise<unknown>;
  /** Settles when there is nobody to ask any more. */
  closed: Promise<unknown>;
}

export interface Watched {
  /** QEMU's process: time in which it wanted a processor of the host, and had none, is no silence of its. */
  pid: number;
  evidence: string[];
  beatMs?: number;
}

/** As `gone`, and when the agent is silent for some 8 s. Begins with an agent that has answered. Never rejects. */
export function unlessHung(
  gone: Promise<GuestGone>,
  agent: Pick<AgentChannel, 'silentMs' | 'health' | 'closed'>,
  watched: Watched,
): Promise<GuestGone> {
  const asked: Asked = {
    silentMs: () => agent.silentMs,
    ask: (timeoutMs) => agent.health(timeoutMs),
    closed: agent.closed,
  };
  const tell = (silentMs: number): GuestGone => ({
    ...{ cause: 'hung', blame: 'guest', evidence: watched.evidence },
    message: `the guest hung: its agent said nothing for ${seconds(silentMs)}`,
  });
  return unlessSilent(gone, asked, { tell, watched, beats: AGENT_BEATS });
}

/** As `gone`, and when QEMU itself is silent for some 6 s. Never rejects. */
export function unlessStopped(
  gone: Promise<GuestGone>,
  qmp: Pick<QmpClient, 'silentMs' | 'execute' | 'closed'>,
  watched: Watched,
): Promise<GuestGone> {
  const asked: Asked = {
    silentMs: () => qmp.silentMs,
    ask: (timeoutMs) => qmp.execute('query-status', {}, timeoutMs),
    closed: qmp.closed,
  };
  const tell = (silentMs: number): GuestGone => ({
    ...{ cause: 'hung', blame: 'host', evidence: watched.evidence },
    message: `QEMU said nothing for ${seconds(silentMs)}: it was stopped, or waits for a disk of the host's`,
  });
  return unlessSilent(gone, asked, { tell, watched, beats: QEMU_BEATS });
}

function unlessSilent(
  gone: Promise<GuestGone>,
  asked: Asked,
  { tell, watched, beats }: { tell: (silentMs: number) => GuestGone; watched: Watched; beats: number },
): Promise<GuestGone> {
  const { pid, beatMs = BEAT_MS } = watched;
  const threads = new ThreadWaits(pid);
  let beat: NodeJS.Timeout | undefined;
  let missed = 0;
  let lastBeat = performance.now();
  const silent = new Promise<GuestGone>((resolve) => {
    beat = setInterval(() => {
      const now = performance.now();
      const share = 1 - Number(threads.longestNs()) / 1e6 / (now - lastBeat);
      missed = asked.silentMs() < now - lastBeat ? 0 : missed + Math.max(0, share);
      lastBeat = now;
      if (missed > 0) asked.ask(beatMs).catch(() => undefined);
      if (missed > beats) resolve(tell(asked.silentMs()));
    }, beatMs).unref();
  });
  const end = Promise.race([gone, silent]);
  void Promise.race([end, asked.closed]).then(() => clearInterval(beat));
  return end;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
