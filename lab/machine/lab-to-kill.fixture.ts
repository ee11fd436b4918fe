/** A lab that starts a machine, prints QEMU's process id, and waits to be killed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MachineFolder } from './machine-folder.ts';
import { probeFirmware } from './probe-firmware.ts';
import { startMachine } from './qemu-process.ts';

const scratch = process.argv[2]!;
const file = join(scratch, 'firmware.bin');
writeFileSync(file, probeFirmware());
const folder = await MachineFolder.create(join(scratch, 'machines'));
const machine = await startMachine(
  {
    ...{ accelerator: 'tcg', cpu: 'Nehalem', cores: 1, memoryMiB: 64, devices: 'virtio', onReboot: 'exit' },
    boot: { kind: 'firmware', file },
  },
  { folder, evidence: scratch },
);
console.log(machine.pid);
await machine.exited;
