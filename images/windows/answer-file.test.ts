import assert from 'node:assert/strict';
import { execaSync } from 'execa';
import type { LabError } from '../../lab/errors.ts';
import { loadRecipe } from '../../lab/image/load-recipe.ts';
import { answerFile, type AnswerFileSettings } from './answer-file.ts';
import { WINDOWS_VERSIONS, type WindowsName } from './windows-version.ts';

const NAMES = Object.keys(WINDOWS_VERSIONS) as WindowsName[];
const PASSWORD = 'p<&>"\'1Aa ';

const written = (name: WindowsName, edition: Partial<AnswerFileSettings['edition']> = {}): string =>
  answerFile({
    version: WINDOWS_VERSIONS[name],
    edition: { index: 3, name: 'an edition', editionId: 'SomeEval', languages: ['en-US'], ...edition },
    password: PASSWORD,
  });

/** libxml2 reads; `/a/b` stands for elements whatever their namespace. */
function xpath(xml: string, expression: string): string {
  const local = expression.replaceAll(
    /'[^']*'|\/([A-Z]\w*|settings|component|unattend)/g,
    (found, name?: string) => (name === undefined ? found : `/*[local-name()='${name}']`),
  );
  return execaSync('xmllint', ['--nonet', '--xpath', local, '-'], { input: xml }).stdout;
}

const text = (xml: string, path: string): string => xpath(xml, `string(${path})`);
const count = (xml: string, path: string): number => Number(xpath(xml, `count(${path})`));
const all = (xml: string, path: string): string[] =>
  Array.from({ length: count(xml, path) }, (_, at) => text(xml, `(${path})[${at + 1}]`));

const setup = `//settings[@pass='windowsPE']/component[@name='Microsoft-Windows-Setup']`;
const shell = `//settings[@pass='oobeSystem']/component[@name='Microsoft-Windows-Shell-Setup']`;
const deployment = `//settings[@pass='specialize']/component[@name='Microsoft-Windows-Deployment']`;

/** In which passes Windows looks at a component's settings, as the Unattend reference says. */
const PASSES_OF: Record<string, string[]> = {
  'Microsoft-Windows-International-Core-WinPE': ['windowsPE'],
  'Microsoft-Windows-Setup': ['windowsPE', 'offlineServicing'],
  'Microsoft-Windows-LUA-Settings': ['offlineServicing', 'specialize'],
  'Microsoft-Windows-Deployment': ['specialize'],
  'Microsoft-Windows-ErrorReportingCore': ['specialize'],
  'Microsoft-Windows-Security-SPP-UX': ['specialize'],
  'Microsoft-Windows-ServerManager-SvrMgrNc': ['specialize'],
  'Microsoft-Windows-Shell-Setup': ['specialize', 'oobeSystem'],
  'Microsoft-Windows-International-Core': ['specialize', 'oobeSystem'],
};

for (const name of NAMES) {
  describe(`the answer file of ${name}`, () => {
    const xml = written(name);

    it('is of the namespaces that Setup reads', () => {
      assert.equal(xpath(xml, 'namespace-uri(/*)'), 'urn:schemas-microsoft-com:unattend');
      assert.equal(count(xml, "//*[namespace-uri()!='urn:schemas-microsoft-com:unattend']"), 0);
      const foreign =
        "//@*[local-name()='action'][namespace-uri()!='http://schemas.microsoft.com/WMIConfig/2002/State']";
      assert.equal(count(xml, foreign), 0);
    });

    it("names every component by what Windows' own have", () => {
      const attributes =
        "@processorArchitecture='amd64' and @publicKeyToken='31bf3856ad364e35' and @language='neutral' and @versionScope='nonSxS'";
      assert.equal(count(xml, `//component[not(${attributes})]`), 0);
      assert.equal(count(xml, '//component[not(parent::*[@pass])]'), 0);
    });

    it('has each pass once, and in it each component once, where Windows looks for it', () => {
      const passes = all(xml, '//settings/@pass');
      assert.deepEqual(passes, ['windowsPE', 'offlineServicing', 'specialize', 'oobeSystem']);
      for (const pass of passes) {
        const components = all(xml, `//settings[@pass='${pass}']/component/@name`);
        assert.equal(new Set(components).size, components.length);
        for (const component of components)
          assert.ok(PASSES_OF[component]?.includes(pass), `${component} in ${pass}`);
      }
    });

    it('marks the items of lists, and nothing else, as added', () => {
      const items =
        'Disk CreatePartition ModifyPartition MetaData LocalAccount RunSynchronousCommand SynchronousCommand';
      const isItem = items
        .split(' ')
        .map((item) => `local-name()='${item}'`)
        .join(' or ');
      assert.equal(count(xml, `//*[(${isItem})!=boolean(@*[local-name()='action'][.='add'])]`), 0);
    });

    it('counts the orders from 1 on without a gap', () => {
      for (const list of ['CreatePartitions', 'ModifyPartitions', 'RunSynchronous', 'FirstLogonCommands']) {
        for (let at = 1; at <= count(xml, `//${list}`); at++) {
          const orders = all(xml, `(//${list})[${at}]/*/Order`).map(Number);
          assert.deepEqual(
            orders,
            orders.map((_, index) => index + 1),
          );
        }
      }
    });

    it('wipes disk 0 and lays it out for UEFI, with Windows on C in the third partition', () => {
      assert.equal(count(xml, `${setup}/DiskConfiguration/Disk`), 1);
      assert.equal(text(xml, `${setup}//Disk/DiskID`), '0');
      assert.equal(text(xml, `${setup}//Disk/WillWipeDisk`), 'true');
      assert.deepEqual(all(xml, `${setup}//CreatePartition/Type`), ['EFI', 'MSR', 'Primary']);
      assert.deepEqual(all(xml, `${setup}//CreatePartition/Size`), ['260', '16']);
      assert.equal(text(xml, `${setup}//CreatePartition[3]/Extend`), 'true');
      const modified = `${setup}//ModifyPartition`;
      assert.deepEqual(all(xml, `${modified}/PartitionID`), ['1', '3']);
      assert.deepEqual(all(xml, `${modified}/Format`), ['FAT32', 'NTFS']);
      assert.equal(text(xml, `${modified}[2]/Letter`), 'C');
      assert.equal(count(xml, `${modified}/Active`), 0);
      assert.equal(text(xml, `${setup}//InstallTo/DiskID`), '0');
      assert.equal(text(xml, `${setup}//InstallTo/PartitionID`), '3');
    });

    it('chooses the edition by its index, before it says where to', () => {
      assert.deepEqual(all(xml, `${setup}//MetaData/Key`), ['/IMAGE/INDEX']);
      assert.equal(text(xml, `${setup}//MetaData/Value`), '3');
      assert.equal(
        count(
          xml,
          `${setup}/ImageInstall/OSImage/InstallFrom/following-sibling::*[local-name()='InstallTo']`,
        ),
        1,
      );
    });

    it('has no key for an evaluation, and no empty one', () => {
      assert.equal(count(xml, `${setup}/UserData/ProductKey`), 1);
      assert.equal(count(xml, `${setup}/UserData/ProductKey/Key`), 0);
      assert.equal(text(xml, `${setup}/UserData/ProductKey/WillShowUI`), 'OnError');
      assert.equal(text(xml, `${setup}/UserData/AcceptEula`), 'true');
    });

    it('has one of the five groups of five for every licensed edition that it knows', () => {
      for (const editionId of Object.keys(WINDOWS_VERSIONS[name].productKeys)) {
        const key = text(written(name, { editionId }), `${setup}/UserData/ProductKey/Key`);
        assert.match(key, /^[A-Z0-9]{5}(-[A-Z0-9]{5}){4}$/);
      }
    });

    it('takes the language of the medium for Setup and for Windows', () => {
      const english = written(name, { languages: ['de-DE', 'en-GB'] });
      for (const language of ['SetupUILanguage/UILanguage', 'UILanguage'])
        assert.equal(text(english, `//settings[@pass='windowsPE']/component/${language}`), 'en-GB');
      for (const language of ['InputLocale', 'SystemLocale', 'UILanguage', 'UserLocale'])
        assert.equal(text(english, `//settings[@pass='oobeSystem']/component/${language}`), 'en-GB');
    });

    it('asks nothing of the network, and sends nothing', () => {
      assert.equal(text(xml, `${setup}/DynamicUpdate/Enable`), 'false');
      assert.equal(text(xml, `${setup}/Diagnostics/OptIn`), 'false');
      assert.equal(text(xml, '//SkipAutoActivation'), 'true');
      assert.equal(text(xml, '//DisableWER'), '1');
    });

    it("has only commands that Setup's field takes", () => {
      const commands = all(xml, '//RunSynchronousCommand/Path');
      for (const command of commands) {
        assert.ok(command.length <= 259, `${command.length}: ${command}`);
        assert.match(command, /^(cmd|reg)\.exe /);
        assert.equal(command.split('"').length % 2, 1, command);
        assert.ok(!command.includes('%'), command);
      }
      const [first = ''] = all(xml, `${shell}/FirstLogonCommands/SynchronousCommand/CommandLine`);
      assert.ok(first.length <= 1024);
    });

    it('tells over the serial port that Setup read it, and that Windows is being specialised', () => {
      const tells = (stage: string) => `cmd.exe /d /c "echo wsklab stage ${stage}>COM1 & exit 0"`;
      assert.equal(text(xml, `${setup}//RunSynchronousCommand[1]/Path`), tells('setup'));
      assert.equal(text(xml, `${deployment}//RunSynchronousCommand[1]/Path`), tells('specialise'));
    });

    it('makes both kinds of first network private', () => {
      const commands = all(xml, `${deployment}//RunSynchronousCommand/Path`);
      const signatures = commands.flatMap(
        (each) => /Signatures\\(\w+)" \/v Category \/t REG_DWORD \/d 1 \/f$/.exec(each)?.[1] ?? [],
      );
      assert.deepEqual(signatures, [
        'FirstNetwork',
        '010103000F0000F0010000000F0000F0C967A3643C3AD745950DA7859209176EF5B87C875FA20DF21951640E807D7C24',
      ]);
    });

    it('logs the one user on once, with all rights, under a name that Windows takes', () => {
      const user = text(xml, `${shell}//LocalAccount/Name`);
      assert.equal(count(xml, `${shell}//LocalAccount`), 1);
      assert.equal(text(xml, `${shell}//LocalAccount/Group`), 'Administrators');
      assert.equal(text(xml, `${shell}/AutoLogon/Username`), user);
      assert.equal(text(xml, `${shell}/AutoLogon/Enabled`), 'true');
      assert.equal(text(xml, `${shell}/AutoLogon/LogonCount`), '1');
      assert.equal(text(xml, "//settings[@pass='offlineServicing']//EnableLUA"), 'false');
      const computer = text(xml, '//ComputerName');
      assert.match(computer, /^[A-Z][A-Z0-9-]{0,14}$/);
      const taken = ['administrator', 'guest', 'defaultaccount', 'system', 'none', 'wdagutilityaccount'];
      assert.ok(![computer.toLowerCase(), ...taken].includes(user.toLowerCase()));
    });

    it('has the password whole in all three places', () => {
      for (const place of [
        'AutoLogon/Password',
        'UserAccounts/AdministratorPassword',
        'UserAccounts//LocalAccount/Password',
      ]) {
        assert.equal(text(xml, `${shell}/${place}/Value`), PASSWORD);
        assert.equal(text(xml, `${shell}/${place}/PlainText`), 'true');
      }
    });

    it('leaves OOBE nothing to ask, without what is deprecated', () => {
      for (const page of [
        'EULAPage',
        'LocalAccountScreen',
        'OEMRegistrationScreen',
        'OnlineAccountScreens',
        'WirelessSetupInOOBE',
      ])
        assert.equal(text(xml, `${shell}/OOBE/Hide${page}`), 'true');
      assert.equal(text(xml, `${shell}/OOBE/ProtectYourPC`), '3');
      assert.equal(count(xml, '//SkipMachineOOBE | //SkipUserOOBE'), 0);
    });

    it("has the machine's clock right from specialize on, before certificates and licences count by it", () => {
      const specialize = `//settings[@pass='specialize']/component[@name='Microsoft-Windows-Shell-Setup']`;
      for (const component of [specialize, shell]) assert.equal(text(xml, `${component}/TimeZone`), 'UTC');
    });
  });
}

describe('answer files', () => {
  const commands = (name: WindowsName) => all(written(name), '//RunSynchronousCommand/Path').join('\n');

  it('let only Windows 11 look away from TPM, Secure Boot and memory', () => {
    for (const name of NAMES) {
      const bypasses = [
        ...commands(name).matchAll(
          /^reg\.exe add "HKLM\\SYSTEM\\Setup\\LabConfig" \/v (\w+) \/t REG_DWORD \/d 1 \/f$/gm,
        ),
      ];
      const expected =
        name === 'windows-11-24h2' ? ['BypassTPMCheck', 'BypassSecureBootCheck', 'BypassRAMCheck'] : [];
      assert.deepEqual(
        bypasses.map(([, value]) => value),
        expected,
        name,
      );
    }
  });

  it('keep accounts of Microsoft and BitLocker from clients, and the Server Manager from servers', () => {
    for (const name of NAMES) {
      const isClient = WINDOWS_VERSIONS[name].kind === 'client';
      assert.equal(/OOBE" \/v BypassNRO \/t REG_DWORD \/d 1/.test(commands(name)), isClient);
      assert.equal(
        /Control\\BitLocker" \/v PreventDeviceEncryption \/t REG_DWORD \/d 1/.test(commands(name)),
        isClient,
      );
      assert.equal(text(written(name), '//DoNotOpenServerManagerAtLogon'), isClient ? '' : 'true');
    }
  });

  it("have the key of their version's edition", () => {
    const key = (name: WindowsName, editionId: string) =>
      text(written(name, { editionId }), '//ProductKey/Key');
    assert.match(key('windows-server-2022', 'ServerStandard'), /^VDYBN-.*-VMK7H$/);
    assert.match(key('windows-server-2022', 'ServerDatacenter'), /^WX4NM-.*-6VM33$/);
    assert.match(key('windows-server-2025', 'ServerStandard'), /^TVRH6-.*-MY832$/);
    assert.match(key('windows-server-2025', 'ServerDatacenter'), /^D764K-.*-YP6DF$/);
    assert.match(key('windows-10-22h2', 'Enterprise'), /^NPPR9-.*-2YT43$/);
    assert.match(key('windows-11-24h2', 'Professional'), /^W269N-.*-T83GX$/);
    assert.match(key('windows-11-24h2', 'EnterpriseS'), /^M7XTQ-.*-J462D$/);
  });

  it('are refused for an edition without a known key, and for media that are not English', () => {
    const refused = (edition: object, code: string, says: RegExp) =>
      assert.throws(
        () => written('windows-11-24h2', edition),
        (error: LabError) => error.code === code && says.test(error.message),
      );
    refused(
      { editionId: 'Core' },
      'LAB_WINDOWS_PRODUCT_KEY',
      /'Core' of windows-11-24h2 with; there are ones for Enterprise,/,
    );
    refused({ languages: ['de-DE'] }, 'LAB_WINDOWS_LANGUAGE', /has the languages de-DE/);
  });

  it('are there for every Windows guest that is known, each of which is an image', async () => {
    for (const name of NAMES) assert.equal((await loadRecipe(name)).name, name);
  });
});
