/** For tests: small media with a real WIM in a real UDF, made by wimlib and genisoimage. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

export interface MediumImage {
  name: string;
  editionId?: string;
  /** PROCESSOR_ARCHITECTURE_*; 9 is x64. */
  arch?: number;
  build?: number;
  languages?: string[];
}

export class MediumFolder implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<MediumFolder> {
    const made = new MediumFolder(await mkdtemp(join(tmpdir(), 'wsklab-medium-')));
    await mkdir(made.path('files'));
    return made;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Puts a file onto the medium to be. */
  async put(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.path('files'), name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  /** Puts a WIM of these images there. */
  async putWim(name: string, images: MediumImage[]): Promise<string> {
    const [wim, tree] = [join(this.path('files'), name), this.path('tree')];
    await mkdir(dirname(wim), { recursive: true });
    await mkdir(tree, { recursive: true });
    // More than one chunk of a pipe, and not to be compressed away.
    await writeFile(
      join(tree, 'file'),
      Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at) >> 3)),
    );
    for (const [at, image] of images.entries())
      await execa('wimlib-imagex', [
        at === 0 ? 'capture' : 'append',
        tree,
        wim,
        image.name,
        ...properties(image),
      ]);
    return wim;
  }

  /** As Windows media are: the files in UDF. */
  async udf(name = 'medium.iso'): Promise<string> {
    await execa('genisoimage', [
      '-quiet',
      '-udf',
      '-V',
      'WINDOWS',
      '-o',
      this.path(name),
      this.path('files'),
    ]);
    return this.path(name);
  }

  /** As Debian's media are. `boot`: a file system among the files from which UEFI starts. */
  async iso9660(name = 'medium.iso', boot?: string): Promise<string> {
    const options = ['-as', 'mkisofs', '-quiet', '-J', '-R', '-V', 'DEBIAN'];
    const start = boot === undefined ? [] : ['-e', boot, '-no-emul-boot'];
    await execa('xorriso', [...options, ...start, '-o', this.path(name), this.path('files')]);
    return this.path(name);
  }

  /** Puts a FAT file system with `program` (a path) where UEFI looks for what it starts from a medium. */
  async putEfi(name: string, program: string): Promise<void> {
    await this.put(name, new Uint8Array(2 * 1024 * 1024));
    const image = ['-i', join(this.path('files'), name)];
    await execa('mformat', [...image, '-N', '0', '::']);
    await execa('mmd', [...image, '::EFI', '::EFI/BOOT']);
    await execa('mcopy', [...image, program, '::EFI/BOOT/BOOTX64.EFI']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

function properties({ editionId, arch = 9, build = 20348, languages = ['en-US'] }: MediumImage): string[] {
  return [
    `WINDOWS/ARCH=${arch}`,
    `WINDOWS/VERSION/BUILD=${build}`,
    ...(editionId === undefined ? [] : [`WINDOWS/EDITIONID=${editionId}`]),
    ...languages.map((language, at) => `WINDOWS/LANGUAGES/LANGUAGE[${at + 1}]=${language}`),
  ].map((property) => `--image-property=${property}`);
}
