/**
 * A scenario's part of the machine's packet capture. QEMU's filter-dump writes one pcap for the machine's whole
 * life, packet by packet and unbuffered, so a part of it is a range of bytes behind the file's header.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** The pcap file header. */
const HEADER_BYTES = 24;

export class Capture {
  readonly #machineFile: string;
  readonly #begin: number;

  /** Notes where the scenario's packets will begin. */
  static async begin(machineFile: string): Promise<Capture> {
    return new Capture(machineFile, (await stat(machineFile)).size);
  }

  private constructor(machineFile: string, begin: number) {
    this.#machineFile = machineFile;
    this.#begin = Math.max(begin, HEADER_BYTES);
  }

  /** Writes what has come since then into a pcap of its own. */
  async save(file: string): Promise<void> {
    const end = (await stat(this.#machineFile)).size;
    const header = createReadStream(this.#machineFile, { end: HEADER_BYTES - 1 });
    await pipeline(header, createWriteStream(file));
    if (end <= this.#begin) return;
    const packets = createReadStream(this.#machineFile, { start: this.#begin, end: end - 1 });
    await pipeline(packets, createWriteStream(file, { flags: 'a' }));
  }
}
