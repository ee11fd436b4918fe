/** Test fixture: the header of a dump, written field by field in the order of its declaration and not by offsets. */
import type { Bugcheck } from './bugcheck.ts';

export interface DumpFields {
  bugcheck: Bugcheck;
  build?: number;
  dumpType?: number;
  neededBytes?: bigint;
  systemTime?: bigint;
}

/** Unused fields hold 'PAGE' as in a real dump. */
export function dumpHeader({ bugcheck, ...fields }: DumpFields): Buffer {
  const {
    build = 20348,
    dumpType = 2,
    neededBytes = 0x2000n,
    systemTime = 133_500_000_000_000_000n,
  } = fields;
  const parts = [
    ...[text('PAGE'), text('DU64'), u32(15), u32(build)],
    // DirectoryTableBase, PfnDatabase, PsLoadedModuleList, PsActiveProcessHead
    ...[u64(0x1ad000n), u64(0xffffde8000000000n), u64(0xfffff8045f82a290n), u64(0xfffff8045f820d90n)],
    ...[u32(0x8664), u32(2), u32(bugcheck.code), u32(0), ...bugcheck.parameters.map(u64)],
    unused(32), // VersionUser
    u64(0xfffff8045f800b20n), // KdDebuggerDataBlock
    ...[unused(704), unused(3000)], // PhysicalMemoryBlock, ContextBuffer
    unused(4 + 4 + 8 + 8 + 4 + 4 + 15 * 8), // Exception
    ...[u32(dumpType), u32(0), u64(neededBytes), u64(systemTime)],
    ...[unused(128), u64(0n), u32(0), u32(0), u32(3), u32(0), u32(0), unused(2)],
  ];
  const known = Buffer.concat(parts);
  return Buffer.concat([known, unused(0x2000 - known.length)]);
}

const text = (value: string) => Buffer.from(value, 'latin1');
const unused = (bytes: number) => Buffer.alloc(bytes, 'PAGE');
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
