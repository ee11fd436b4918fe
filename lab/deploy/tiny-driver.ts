/** Test fixture: compiles a small WSK-like driver with the project's C toolchain. */
import { execa } from 'execa';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE = `
__declspec(dllimport) long WskRegister(void *, void *);
__declspec(dllimport) void WskDeregister(void *);
__declspec(dllimport) long WskCaptureProviderNPI(void *, unsigned, void *);
__declspec(dllimport) unsigned char KeGetCurrentProcessorNumberEx(void *);
__declspec(dllimport) long KeDelayExecutionThread(char, unsigned char, long long *);
__declspec(dllimport) void *IoAllocateIrp(char, unsigned char);
__declspec(dllimport) void IoFreeIrp(void *);
__declspec(dllimport) unsigned DbgPrint(const char *, ...);
static void *const table[] = { (void *)WskDeregister };
long DriverEntry(void *driver, void *path)
{
    (void)path;
    DbgPrint("tiny %p", table[0]);
    IoFreeIrp(IoAllocateIrp(1, KeGetCurrentProcessorNumberEx(driver)));
    KeDelayExecutionThread(0, 0, 0);
    return WskRegister(driver, 0) + WskCaptureProviderNPI(driver, 0, 0);
}
__declspec(dllexport) int TinyAnswer(void) { return 42; }
`;

const LINK = [
  ...['-nostdlib', '-shared', '-s', '-Wl,--entry,DriverEntry', '-Wl,--subsystem,native', '-Wl,--dynamicbase'],
  ...['-Wl,--nxcompat', '-Wl,--image-base,0x140000000'],
];

/** What a recorder and a supplement export, as far as deployment looks at them. */
const STAND_INS = {
  wsktr: ['WskRegister', 'WskDeregister', 'WskCaptureProviderNPI', 'IoAllocateIrp', 'KeDelayExecutionThread'],
  ntsup: ['IoFreeIrp', 'IoAllocateIrp', 'KeGetCurrentProcessorNumberEx'],
};

/** Builds `tiny.sys` in `folder` and returns its bytes; it exports TinyAnswer. */
export async function buildTinyDriver(folder: string): Promise<Buffer> {
  return await buildDriver(folder, 'tiny', SOURCE);
}

/** Builds wsktr.sys or ntsup.sys with exports that do nothing, and returns its path. */
export async function buildStandIn(folder: string, name: keyof typeof STAND_INS): Promise<string> {
  const functions = STAND_INS[name].map((entry) => `__declspec(dllexport) long ${entry}(void) { return 0; }`);
  const source = `long DriverEntry(void) { return 0; }\n${functions.join('\n')}\nvoid *const entry = (void *)DriverEntry;\n`;
  await buildDriver(folder, name, source);
  return join(folder, `${name}.sys`);
}

async function buildDriver(folder: string, name: string, text: string): Promise<Buffer> {
  const source = join(folder, `${name}.c`);
  const driver = join(folder, `${name}.sys`);
  await writeFile(source, text);
  const compile = ['-O2', '-ffreestanding', source, '-o', driver];
  await execa('x86_64-w64-mingw32-gcc', [...compile, ...LINK, '-lnetio', '-lntoskrnl']);
  return readFile(driver);
}
