import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { answerFile } from '../windows/answer-file.ts';
import { WINDOWS_VERSIONS, type WindowsVersion } from '../windows/windows-version.ts';
import { editionLines, EDITIONS } from './editions.ts';

const setup = join(dirname(fileURLToPath(import.meta.url)), 'setup');
const edition = EDITIONS[0]!;

const written = (version: WindowsVersion = WINDOWS_VERSIONS['windows-server-2022']): string =>
  answerFile({ version, edition, password: 'p<&>"\'1Aa ' });

describe("the stand-in's Setup", () => {
  let scratch: string;

  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'wsklab-setup-'));
  });
  afterEach(() => rm(scratch, { recursive: true }));

  /** What it would stop at, line by line, as /setup/setup asks for it. */
  async function problems(xml: string): Promise<string[]> {
    await writeFile(join(scratch, 'editions'), editionLines());
    const facts = await execa('awk', ['-f', join(setup, 'xml.awk')], { input: xml, reject: false });
    await writeFile(join(scratch, 'facts'), `${facts.stdout}\n`);
    const files = [join(setup, 'settings.txt'), join(scratch, 'editions'), join(scratch, 'facts')];
    const { stdout } = await execa('awk', ['-f', join(setup, 'check.awk'), ...files]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  it("takes the lab's answer files for all versions of Windows", async () => {
    for (const version of Object.values(WINDOWS_VERSIONS))
      assert.deepEqual(await problems(written(version)), []);
  });

  /** A change of the right file, and what Setup has to say then. */
  const mistakes: [title: string, from: string | RegExp, to: string, says: RegExp][] = [
    ['an image that the medium has not', '<Value>1<', '<Value>7<', /^the medium has no image '7'/],
    ['an image for another architecture', '<Value>1<', '<Value>2<', /^image 2 is for x86$/],
    ['an image by name', '/IMAGE/INDEX', '/IMAGE/NAME', /MetaData\[1\]\/Key is '\/IMAGE\/NAME'/],
    ['another language', /en-US/g, 'en-GB', /UILanguage is 'en-GB', not 'en-US': Setup asks/],
    [
      'another architecture',
      'processorArchitecture="amd64"',
      'processorArchitecture="x86"',
      /is 'x86', not 'amd64'/,
    ],
    [
      "another maker's component",
      '31bf3856ad364e35',
      '0000000000000000',
      /@publicKeyToken is '0000000000000000'/,
    ],
    ['no versionScope', ' versionScope="nonSxS"', '', /@versionScope is ''/],
    [
      'a namespace that is not the one',
      'urn:schemas-microsoft-com:unattend',
      'urn:other',
      /^\/unattend@xmlns is 'urn:other'/,
    ],
    ['a pass that does not exist', 'pass="specialize"', 'pass="specialise"', /^no such pass: 'specialise'$/],
    [
      'a component that does not exist',
      'name="Microsoft-Windows-Deployment"',
      'name="Microsoft-Deployment"',
      /does not look at a component 'Microsoft-Deployment'/,
    ],
    ['a setting that does not exist', /HideEULAPage/g, 'HideEulaPage', /OOBE\/HideEulaPage: no such setting/],
    [
      'a value that is not one',
      '<AcceptEula>true<',
      '<AcceptEula>yes<',
      /AcceptEula is 'yes', and takes bool/,
    ],
    ['no licence accepted', '<AcceptEula>true<', '<AcceptEula>false<', /AcceptEula is 'false', not 'true'/],
    [
      'an empty product key',
      '<ProductKey>',
      '<ProductKey><Key></Key>',
      /ProductKey\/Key is '', and takes key/,
    ],
    [
      'a product key for an evaluation',
      '<ProductKey>',
      '<ProductKey><Key>VDYBN-27WPP-V4HQT-9VMD4-VMK7H</Key>',
      /an evaluation takes no product key/,
    ],
    [
      'no product key element',
      /<ProductKey>[^]*<\/ProductKey>/,
      '',
      /without UserData\/ProductKey Setup asks/,
    ],
    [
      'an item that is not added',
      '<CreatePartition wcm:action="add">',
      '<CreatePartition>',
      /an item of a list without wcm:action/,
    ],
    ['orders with a gap', '<Order>3</Order>', '<Order>4</Order>', /Order is 4, not 3$/],
    ['no EFI partition', '<Type>EFI<', '<Type>Primary<', /UEFI starts from an EFI partition/],
    ['an EFI partition that is too small', '<Size>260<', '<Size>26<', /less than 100 MB/],
    [
      'an EFI partition of another kind',
      '<Format>FAT32<',
      '<Format>NTFS<',
      /formatted as 'NTFS', not as FAT32/,
    ],
    ['no MSR partition', '<Type>MSR<', '<Type>Primary<', /a GPT disk wants an MSR partition/],
    [
      'the wrong partition',
      /(InstallTo>[^]*<PartitionID>)3/,
      '$12',
      /partition '2', which is no primary one/,
    ],
    ['another disk', /<DiskID>0/g, '<DiskID>1', /DiskID is '1', not '0': there is no other disk/],
    ['a command that is too long', 'echo wsklab stage setup', `echo ${'x'.repeat(300)}`, /takes text:259/],
    [
      "a computer's name that is too long",
      '>WSKLAB<',
      '>WSKLAB-WITH-A-LONG-NAME<',
      /ComputerName is .*takes computer/,
    ],
    ["an account of the computer's name", '>WSKLAB<', '>LAB<', /computer and account are both named 'lab'/],
    ['an account that Windows has', /<Name>lab</, '<Name>Administrator<', /cannot be named 'Administrator'/],
    ['a logon of nobody', '<Username>lab<', '<Username>other<', /there is no such account/],
    [
      'nothing to run',
      /<FirstLogonCommands>[^]*<\/FirstLogonCommands>/,
      '',
      /nothing is run at the first logon/,
    ],
    ['an end that is missing', '</unattend>', '', /^it is not well-formed: it ends inside of \/unattend$/],
    ['elements that overlap', '</ComputerName>', '</Computer>', /^it is not well-formed: <\/Computer> where/],
    ['an ampersand that is none', '>WSKLAB<', '>WSK&LAB<', /^it is not well-formed: an entity/],
    ['a setting twice', '<DiskID>0', '<DiskID>0</DiskID><DiskID>0', /DiskID stands there twice/],
  ];
  for (const [title, from, to, says] of mistakes) {
    it(`stops at ${title}`, async () => {
      const right = written();
      const wrong = right.replace(from, to);
      assert.notEqual(wrong, right);
      const found = await problems(wrong);
      assert.ok(
        found.some((problem) => says.test(problem)),
        found.join('\n'),
      );
    });
  }

  it('reads XML as other readers do', async () => {
    const xml = `<?xml version='1.0'?>\n<a b="x &gt; &quot;y&quot;" c = 'z'><d/>\n<e>&lt;&amp;amp;&gt; \\1 "</e ><f g='>'>t</f></a>`;
    const { stdout } = await execa('awk', ['-f', join(setup, 'xml.awk')], { input: xml.replace(' = ', '=') });
    assert.deepEqual(stdout.split('\n').sort(), [
      '/a/d\t',
      '/a/e\t<&amp;> \\1 "',
      '/a/f\tt',
      '/a/f@g\t>',
      '/a@b\tx > "y"',
      '/a@c\tz',
    ]);
  });
});
