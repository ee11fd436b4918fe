/** The lab's side of the clients: starts the worker, gives it the steps, keeps its log. */
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { LabError } from '../errors.ts';
import { projectRoot } from '../project.ts';
import type { ClientOperation, ClientOutcome } from './operation.ts';
import type { WorkerCommand, WorkerMessage } from './protocol.ts';
import { WORKER, workerProgram } from './worker-program.ts';

/** How much longer than a command's own deadline the worker may take to answer. */
const GRACE_MS = 10_000;
const START_MS = 60_000;

export interface ClientsOptions {
  /** Puts a command line into the network that the clients live in: `(argv) => network.command(argv)`. */
  command?: (argv: string[]) => string[];
  /** Sees every operation as it is logged. */
  onOperation?: (operation: ClientOperation) => void;
}

/** Settings of one `connect`: see ConnectRequest; `atOnce` defaults to `count`. */
export interface ConnectOptions {
  as: string;
  host: string;
  port: number;
  count?: number;
  atOnce?: number | undefined;
  staggerMs?: number;
  ownAddress?: boolean;
  deaf?: boolean;
  withinMs: number;
}

interface Pending {
  resolve: (outcomes: ClientOutcome[]) => void;
  reject: (error: Error) => void;
}

/**
 * TCP clients in one network. Every call gives one outcome for each client that it concerns and ends within
 * its `withinMs`; calls may overlap.
 *
 * Clock: the log's times are nanoseconds since `originNs`, a reading of CLOCK_MONOTONIC, which all processes
 * of the host share: `process.hrtime.bigint() - clients.originNs` in the lab is on the same line.
 *
 * @throws LabError LAB_CLIENTS_START, LAB_CLIENTS_ENDED, LAB_CLIENTS_SILENT, LAB_CLIENT_FAILED
 */
export class Clients implements AsyncDisposable {
  readonly originNs = process.hrtime.bigint();
  /** The log so far, in the order in which operations ended. */
  readonly operations: ClientOperation[] = [];

  readonly #worker: ReturnType<typeof startWorker>;
  readonly #pending = new Map<number, Pending>();
  readonly #onOperation: ((operation: ClientOperation) => void) | undefined;
  #nextRequest = 1;
  #ended: LabError | undefined;

  /** Starts the worker and waits until it answers. */
  static async start(options: ClientsOptions = {}): Promise<Clients> {
    const clients = new Clients(await workerProgram(), options);
    try {
      await clients.#ask({ do: 'begin', origin: String(clients.originNs) }, START_MS);
    } catch (cause) {
      await clients[Symbol.asyncDispose]();
      throw new LabError({
        code: 'LAB_CLIENTS_START',
        blame: 'host',
        message: "the process that runs the TCP clients did not start in the guest's network",
        next: '`npm run lab -- doctor` says whether network namespaces can be used here',
        cause,
      });
    }
    return clients;
  }

  private constructor(program: string, { command = (argv) => argv, onOperation }: ClientsOptions) {
    this.#onOperation = onOperation;
    this.#worker = startWorker(program, command);
    createInterface({ input: this.#worker.stdout }).on('line', (line) => this.#hear(line));
    this.#worker.stdin.on('error', () => undefined); // the worker's end is reported below, with its reason
    void this.#worker.then(({ exitCode, signal, stderr }) => {
      const how = signal ?? `exit code ${exitCode ?? 'none'}`;
      this.#fail(
        new LabError({
          code: 'LAB_CLIENTS_ENDED',
          blame: 'lab',
          message: `the process that runs the TCP clients ended (${how}): ${stderr.trim().slice(-1000) || 'it said nothing'}`,
        }),
      );
    });
  }

  async connect(options: ConnectOptions): Promise<ClientOutcome[]> {
    const { as, host, port, withinMs, count = 1, atOnce = count } = options;
    const { staggerMs = 0, ownAddress = false, deaf = false } = options;
    const paceMs = staggerMs * count;
    return await this.#ask(
      { do: 'connect', as, host, port, count, atOnce, staggerMs, ownAddress, deaf, withinMs },
      withinMs * Math.ceil(count / atOnce) + paceMs,
    );
  }

  async send(on: string[], bytes: number, withinMs: number): Promise<ClientOutcome[]> {
    return await this.#ask({ do: 'send', on, bytes, withinMs }, withinMs);
  }

  /** Without `bytes`: all that each client has sent. */
  async receive(on: string[], bytes: number | undefined, withinMs: number): Promise<ClientOutcome[]> {
    return await this.#ask({ do: 'receive', on, bytes, withinMs }, withinMs);
  }

  /** Sends and receives side by side; a client that could not send has the outcome of that. */
  async echo(on: string[], bytes: number, withinMs: number): Promise<ClientOutcome[]> {
    const [sent, received] = await Promise.all([
      this.send(on, bytes, withinMs),
      this.receive(on, bytes, withinMs),
    ]);
    return received.map((it, index) => {
      const sending = sent[index];
      return sending && sending.outcome !== 'sent' && it.outcome === 'timeout' ? sending : it;
    });
  }

  async halfClose(on: string[], withinMs: number): Promise<ClientOutcome[]> {
    return await this.#ask({ do: 'half-close', on, withinMs }, withinMs);
  }

  async close(on: string[], withinMs: number): Promise<ClientOutcome[]> {
    return await this.#ask({ do: 'close', on, withinMs }, withinMs);
  }

  async reset(on: string[], withinMs: number): Promise<ClientOutcome[]> {
    return await this.#ask({ do: 'reset', on, withinMs }, withinMs);
  }

  async vanish(on: string[], withinMs: number): Promise<ClientOutcome[]> {
    return await this.#ask({ do: 'vanish', on, withinMs }, withinMs);
  }

  async waitForClosed(on: string[], withinMs: number): Promise<ClientOutcome[]> {
    return await this.#ask({ do: 'wait-for-closed', on, withinMs }, withinMs);
  }

  async waitForConnected(on: string, count: number, withinMs: number): Promise<ClientOutcome[]> {
    return await this.#ask({ do: 'wait-for-connected', on, count, withinMs }, withinMs);
  }

  async closeAll(): Promise<void> {
    await this.#ask({ do: 'close-all' }, GRACE_MS);
  }

  /** Ends the worker; what it still had open is closed by its kernel. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.stdin.end();
    const deadline = setTimeout(() => this.#worker.kill('SIGKILL'), GRACE_MS);
    await this.#worker;
    clearTimeout(deadline);
  }

  async #ask(command: WorkerCommand, withinMs: number): Promise<ClientOutcome[]> {
    if (this.#ended) throw this.#ended;
    const request = this.#nextRequest++;
    const answer = new Promise<ClientOutcome[]>((resolve, reject) => {
      this.#pending.set(request, { resolve, reject });
    });
    const deadline = setTimeout(
      () => this.#silent(request, command.do, withinMs + GRACE_MS),
      withinMs + GRACE_MS,
    );
    this.#worker.stdin.write(`${JSON.stringify({ request, ...command })}\n`);
    try {
      return await answer;
    } finally {
      clearTimeout(deadline);
      this.#pending.delete(request);
    }
  }

  #hear(line: string): void {
    const message = JSON.parse(line) as WorkerMessage;
    if ('operation' in message) {
      this.operations.push(message.operation);
      this.#onOperation?.(message.operation);
      return;
    }
    const pending = this.#pending.get(message.request);
    if ('outcomes' in message) return pending?.resolve(message.outcomes);
    pending?.reject(
      new LabError({ code: 'LAB_CLIENT_FAILED', blame: 'lab', message: `a client failed: ${message.error}` }),
    );
  }

  #silent(request: number, what: string, afterMs: number): void {
    this.#pending.get(request)?.reject(
      new LabError({
        code: 'LAB_CLIENTS_SILENT',
        blame: 'lab',
        message: `the process that runs the TCP clients did not answer '${what}' within ${afterMs} ms`,
      }),
    );
  }

  #fail(error: LabError): void {
    this.#ended = error;
    for (const { reject } of this.#pending.values()) reject(error);
  }
}

function startWorker(program: string, command: (argv: string[]) => string[]) {
  const argv = [process.execPath, '--input-type=module', '--eval', program, WORKER];
  const [file = process.execPath, ...args] = command(argv);
  return execa(file, args, {
    cwd: projectRoot,
    stdin: 'pipe',
    stdout: 'pipe',
    buffer: { stdout: false },
    maxBuffer: { stderr: 65_536 },
    reject: false,
  });
}
