/** A lab that opens a network and runs a process in it, prints both process ids, and waits to be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openTapNetwork } from './tap-network.ts';

const network = await openTapNetwork();
const [program, ...args] = network.command(['sh', '-c', 'echo; exec sleep 600']) as [string, ...string[]];
const inside = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
await once(inside.stdout, 'data');
console.log(`${network.holderPid} ${inside.pid}`);
await once(inside, 'exit');
