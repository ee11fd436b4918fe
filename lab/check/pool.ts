/** Pool blocks that the driver holds, found by any address inside them, and the sockets that use them. */
import type { RecordOf } from '../trace/records.ts';
import type { Socket } from './socket.ts';

export interface PoolBlock {
  readonly address: bigint;
  readonly size: number;
  readonly paged: boolean;
  readonly allocated: RecordOf<'pool_allocate'>;
}

const NONE: readonly Socket[] = [];
const PAGE_SHIFT = 12n;
/** A larger block is found by its first pages only: nobody puts a context a megabyte into a block. */
const PAGES_INDEXED = 256;

export class Pool {
  private readonly blocks = new Map<bigint, PoolBlock>();
  private readonly pages = new Map<bigint, PoolBlock[]>();
  private readonly users = new Map<PoolBlock, Set<Socket>>();

  allocate(record: RecordOf<'pool_allocate'>): void {
    if (record.address === 0n) return;
    this.free(record.address);
    const block = {
      address: record.address,
      size: record.size,
      paged: record.paged !== 0,
      allocated: record,
    };
    this.blocks.set(block.address, block);
    for (const page of pagesOf(block)) {
      const sharing = this.pages.get(page);
      if (sharing) sharing.push(block);
      else this.pages.set(page, [block]);
    }
  }

  free(address: bigint): void {
    const block = this.blocks.get(address);
    if (!block) return;
    this.blocks.delete(address);
    this.users.delete(block);
    for (const page of pagesOf(block)) {
      const sharing = this.pages.get(page);
      if (!sharing) continue;
      if (sharing.length === 1) this.pages.delete(page);
      else sharing.splice(sharing.indexOf(block), 1);
    }
  }

  /** A live socket has its context or its client dispatch table at this address. */
  use(address: bigint, socket: Socket): void {
    const block = address === 0n ? undefined : this.holding(address);
    if (!block) return;
    const sharing = this.users.get(block);
    if (sharing) sharing.add(socket);
    else this.users.set(block, new Set([socket]));
  }

  /** The socket needs its context and its client dispatch table no more. */
  disuse(socket: Socket): void {
    for (const address of [socket.context, socket.dispatch?.table]) {
      const block = address ? this.holding(address) : undefined;
      const sharing = block && this.users.get(block);
      if (sharing?.delete(socket) && sharing.size === 0) this.users.delete(block!);
    }
  }

  /** Live sockets with their context or client dispatch table in the block that begins at this address. */
  usersOf(address: bigint): Iterable<Socket> {
    const block = this.blocks.get(address);
    return (block && this.users.get(block)) ?? NONE;
  }

  /** The block that begins at this address. */
  at(address: bigint): PoolBlock | undefined {
    return this.blocks.get(address);
  }

  /** The block that holds this address, wherever inside it. */
  holding(address: bigint): PoolBlock | undefined {
    return (
      this.blocks.get(address) ??
      this.pages.get(address >> PAGE_SHIFT)?.find((block) => contains(block, address))
    );
  }
}

export const contains = (block: PoolBlock, address: bigint): boolean =>
  address >= block.address && address < block.address + BigInt(Math.max(1, block.size));

function pagesOf(block: PoolBlock): bigint[] {
  const first = block.address >> PAGE_SHIFT;
  const last = (block.address + BigInt(Math.max(1, block.size)) - 1n) >> PAGE_SHIFT;
  const pages: bigint[] = [];
  for (let page = first; page <= last && pages.length < PAGES_INDEXED; page++) pages.push(page);
  return pages;
}
