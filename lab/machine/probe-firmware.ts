/**
 * A firmware image that does what a kernel needs first, and nothing else: it goes from the reset vector to long mode with
 * page tables in memory, takes timer interrupts while it writes to fresh pages and reloads CR3, computes for a moment,
 * and ends QEMU by its debug-exit port. A KVM that creates machines but does not run them, or interprets every
 * instruction (seen: KVM inside a virtual machine without hardware support), does not get to the end in time.
 */

/** Where `-device isa-debug-exit` has to listen. */
export const DEBUG_EXIT_PORT = 0xf4;
/** QEMU's exit code when the end was reached: it makes (value << 1) | 1 of the 0x2a that is written. */
export const PROBE_EXIT_CODE = (0x2a << 1) | 1;

const IMAGE_BYTES = 64 * 1024;
const RESET_VECTOR = 0xfff0;

/** Mapped at F0000h. The second column is the offset, then the instruction. */
const CODE = [
  // 16 bits, from the reset vector
  'fa', // 000 cli
  '2e660f01166001', // 001 lgdt cs:[160h]
  '0f20c0', // 008 mov eax, cr0
  '0c01', // 00b or al, 1
  '0f22c0', // 00d mov cr0, eax
  '66ea18000f000800', // 010 jmp 08:f0018
  // 32 bits: flat segments, then page tables at 1000h (PML4), 2000h, 3000h (0-16 MiB), 4000h (local APIC)
  'b810000000', // 018 mov eax, 10h
  '8ed8', // 01d mov ds, eax
  '8ec0', // 01f mov es, eax
  '8ed0', // 021 mov ss, eax
  'bc00800000', // 023 mov esp, 8000h
  'fc', // 028 cld
  'bf00100000', // 029 mov edi, 1000h
  '31c0', // 02e xor eax, eax
  'b900100000', // 030 mov ecx, 1000h
  'f3ab', // 035 rep stosd
  'c7050010000003200000', // 037 mov dword [1000h], 2003h
  'c7050020000003300000', // 041 mov dword [2000h], 3003h
  'c7051820000003400000', // 04b mov dword [2018h], 4003h
  'c705b84f00009300e0fe', // 055 mov dword [4fb8h], fee00093h
  'bf00300000', // 05f mov edi, 3000h
  'b883000000', // 064 mov eax, 83h
  'b908000000', // 069 mov ecx, 8
  '8907', // 06e mov [edi], eax
  '0500002000', // 070 add eax, 200000h
  '83c708', // 075 add edi, 8
  'e2f4', // 078 loop 06e
  'b800100000', // 07a mov eax, 1000h
  '0f22d8', // 07f mov cr3, eax
  '0f20e0', // 082 mov eax, cr4
  '0c20', // 085 or al, 20h (PAE)
  '0f22e0', // 087 mov cr4, eax
  'b9800000c0', // 08a mov ecx, c0000080h (EFER)
  '0f32', // 08f rdmsr
  '80cc01', // 091 or ah, 1 (LME)
  '0f30', // 094 wrmsr
  '0f20c0', // 096 mov eax, cr0
  '0d00000080', // 099 or eax, 80000000h (PG)
  '0f22c0', // 09e mov cr0, eax
  'eaa8000f001800', // 0a1 jmp 18:f00a8
  // 64 bits: interrupt 20h is the local APIC's periodic timer
  'bf00520000', // 0a8 mov edi, 5200h
  'c70731011800', // 0ad mov dword [rdi], 180131h
  'c74704008e0f00', // 0b3 mov dword [rdi + 4], f8e00h
  '48c7470800000000', // 0ba mov qword [rdi + 8], 0
  '0f011d9d000000', // 0c2 lidt [166h]
  'bf0000e0fe', // 0c9 mov edi, fee00000h
  'c787f0000000ff010000', // 0ce mov dword [rdi + f0h], 1ffh
  'c787e003000003000000', // 0d8 mov dword [rdi + 3e0h], 3
  'c7872003000020000200', // 0e2 mov dword [rdi + 320h], 20020h
  'c7878003000000000100', // 0ec mov dword [rdi + 380h], 10000h
  '31db', // 0f6 xor ebx, ebx
  'fb', // 0f8 sti
  // until 20 interrupts have come: write a word to each page of 2-10 MiB, drop the TLB, halt
  'bf00002000', // 0f9 mov edi, 200000h
  '48893f', // 0fe mov [rdi], rdi
  '48393f', // 101 cmp [rdi], rdi
  '7527', // 104 jne 12d
  '81c700100000', // 106 add edi, 1000h
  '81ff0000a000', // 10c cmp edi, a00000h
  '72ea', // 112 jb 0fe
  '0f20d8', // 114 mov rax, cr3
  '0f22d8', // 117 mov cr3, rax
  'f4', // 11a hlt
  '83fb14', // 11b cmp ebx, 20
  '72d9', // 11e jb 0f9
  // compute: 50 million rounds, 20 ms on hardware, about 300 ms in TCG
  'b980f0fa02', // 120 mov ecx, 50000000
  'ffc9', // 125 dec ecx
  '75fc', // 127 jne 125
  'b02a', // 129 mov al, 2ah
  'e6f4', // 12b out f4h, al
  'fa', // 12d cli
  'f4', // 12e hlt
  'ebfc', // 12f jmp 12d
  // the interrupt: count, end of interrupt
  'ffc3', // 131 inc ebx
  'bab000e0fe', // 133 mov edx, fee000b0h
  'c70200000000', // 138 mov dword [rdx], 0
  '48cf', // 13e iretq
  // 140: descriptors: null, 32-bit code, data, 64-bit code
  '0000000000000000',
  'ffff0000009bcf00',
  'ffff00000093cf00',
  'ffff0000009baf00',
  '1f0040010f00', // 160: the GDT's limit and address
  '0f020050000000000000', // 166: the IDT's limit and address
].join('');

/** The image for `-bios`. */
export function probeFirmware(): Buffer {
  const image = Buffer.alloc(IMAGE_BYTES);
  image.write(CODE, 0, 'hex');
  // jmp near 0: the reset vector's segment has its own base, only the offset counts.
  image.write('e90d00', RESET_VECTOR, 'hex');
  return image;
}
