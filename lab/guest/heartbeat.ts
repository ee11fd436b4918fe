/** A guest that has stopped without a word: its agent is asked again and again, and answers no more. */
import type { AgentChannel } from './agent-channel.ts';
import type { GuestGone } from './guest-gone.ts';

const BEAT_MS = 500;
/** A host that itself stood still for long has missed one beat, not all. */
const MISSED_BEATS = 16;

/** As `gone`, and when the agent is silent for some 8 s. Begins with an agent that has answered. Never rejects. */
export function unlessHung(
  gone: Promise<GuestGone>,
  agent: Pick<AgentChannel, 'silentMs' | 'health' | 'closed'>,
  evidence: string[],
  beatMs = BEAT_MS,
): Promise<GuestGone> {
  let beat: NodeJS.Timeout | undefined;
  let missed = 0;
  let lastBeat = performance.now();
  const hung = new Promise<GuestGone>((resolve) => {
    beat = setInterval(() => {
      const now = performance.now();
      missed = agent.silentMs < now - lastBeat ? 0 : missed + 1;
      lastBeat = now;
      // Whatever comes back counts, also this answer after its time.
      if (missed > 0) agent.health(beatMs).catch(() => undefined);
      if (missed > MISSED_BEATS)
        resolve({ cause: 'hung', blame: 'guest', message: silence(agent), evidence });
    }, beatMs).unref();
  });
  const end = Promise.race([gone, hung]);
  void Promise.race([end, agent.closed]).then(() => clearInterval(beat));
  return end;
}

function silence({ silentMs }: Pick<AgentChannel, 'silentMs'>): string {
  return `the guest hung: its agent said nothing for ${(silentMs / 1000).toFixed(1)} s`;
}
