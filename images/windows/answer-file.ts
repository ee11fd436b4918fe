/**
 * The answer file for Windows Setup (autounattend.xml): one file for all passes. Setup finds it in the root of any CD,
 * takes it along to the disk, and reads it again in every later pass.
 */
import { LabError } from '../../lab/errors.ts';
import type { WimImage } from '../../lab/image/wim.ts';
import { unattendXml, type Settings } from './unattend-xml.ts';
import type { WindowsVersion } from './windows-version.ts';

export interface AnswerFileSettings {
  version: WindowsVersion;
  edition: Pick<WimImage, 'index' | 'name' | 'editionId' | 'languages'>;
  /** Of the Administrator and of the user `lab`. */
  password: string;
}

/** Not the user's name: Windows refuses a computer of that name. */
const COMPUTER = 'WSKLAB';
/** The machine's clock has UTC, and Windows takes it for local time: until it is told, for that of the Pacific coast. */
const TIME_ZONE = 'UTC';
export const USER = 'lab';

/** On the configuration medium. */
export const PROVISION = '\\lab\\provision.cmd';
/** The disk is C; the two CDs have the next letters, in an order that is Windows' own. */
const CD_LETTERS = ['D', 'E', 'F'];

const LISTED_NETWORKS = String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\NetworkList\Signatures`;
/** What Windows calls every network that it could not identify: one without a way out is. */
const UNIDENTIFIED_NETWORK =
  '010103000F0000F0010000000F0000F0C967A3643C3AD745950DA7859209176EF5B87C875FA20DF21951640E807D7C24';

/** @throws LabError LAB_WINDOWS_LANGUAGE, LAB_WINDOWS_PRODUCT_KEY. */
export function answerFile(settings: AnswerFileSettings): string {
  const locale = localeOf(settings.edition);
  return unattendXml({
    windowsPE: {
      'Microsoft-Windows-International-Core-WinPE': {
        SetupUILanguage: { UILanguage: locale },
        ...locales(locale),
      },
      'Microsoft-Windows-Setup': setup(settings),
    },
    offlineServicing: {
      // Without UAC an administrator's first logon has all rights.
      'Microsoft-Windows-LUA-Settings': { EnableLUA: false },
    },
    specialize: specialize(settings.version),
    oobeSystem: {
      // Without it OOBE of a client asks.
      'Microsoft-Windows-International-Core': locales(locale),
      'Microsoft-Windows-Shell-Setup': firstLogon(settings.password),
    },
  });
}

function setup({ version, edition }: AnswerFileSettings): Settings {
  const key = productKey(version, edition.editionId);
  return {
    Diagnostics: { OptIn: false },
    DiskConfiguration: { Disk: [disk()], WillShowUI: 'OnError' },
    DynamicUpdate: { Enable: false },
    ImageInstall: {
      OSImage: {
        // By index: names differ from one medium to the next. InstallFrom has to stand before InstallTo.
        InstallFrom: { MetaData: [{ Key: '/IMAGE/INDEX', Value: edition.index }] },
        InstallTo: { DiskID: 0, PartitionID: 3 },
      },
    },
    RunSynchronous: { RunSynchronousCommand: inOrder(setupCommands(version)) },
    UserData: {
      AcceptEula: true,
      // Some editions want the element, and an empty Key makes Setup stop and ask.
      ProductKey: { ...(key !== undefined && { Key: key }), WillShowUI: 'OnError' },
    },
  };
}

/** For UEFI; the only disk, and no USB storage beside it, which would be counted first. */
function disk(): Settings {
  return {
    DiskID: 0,
    WillWipeDisk: true,
    CreatePartitions: {
      CreatePartition: [
        { Order: 1, Type: 'EFI', Size: 260 },
        { Order: 2, Type: 'MSR', Size: 16 },
        { Order: 3, Type: 'Primary', Extend: true },
      ],
    },
    ModifyPartitions: {
      ModifyPartition: [
        { Order: 1, PartitionID: 1, Format: 'FAT32', Label: 'System' },
        { Order: 2, PartitionID: 3, Format: 'NTFS', Label: 'Windows', Letter: 'C' },
      ],
    },
  };
}

function setupCommands({ checksHardware }: WindowsVersion): string[] {
  const ignored = ['BypassTPMCheck', 'BypassSecureBootCheck', 'BypassRAMCheck'];
  return [
    tellStage('setup'),
    ...(checksHardware
      ? ignored.map((name) => setDword(String.raw`HKLM\SYSTEM\Setup\LabConfig`, name, 1))
      : []),
  ];
}

function specialize(version: WindowsVersion): Record<string, Settings> {
  return {
    'Microsoft-Windows-Deployment': {
      RunSynchronous: { RunSynchronousCommand: inOrder(specializeCommands(version)) },
    },
    'Microsoft-Windows-ErrorReportingCore': { DisableWER: 1 },
    'Microsoft-Windows-Security-SPP-UX': { SkipAutoActivation: true },
    ...(version.kind === 'server' && {
      'Microsoft-Windows-ServerManager-SvrMgrNc': { DoNotOpenServerManagerAtLogon: true },
    }),
    'Microsoft-Windows-Shell-Setup': { ComputerName: COMPUTER, TimeZone: TIME_ZONE },
  };
}

function specializeCommands({ kind }: WindowsVersion): string[] {
  const forClients = [
    // OOBE without a network and an account of Microsoft's.
    setDword(String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\OOBE`, 'BypassNRO', 1),
    // BitLocker would come between bcdedit and test signing.
    setDword(String.raw`HKLM\SYSTEM\CurrentControlSet\Control\BitLocker`, 'PreventDeviceEncryption', 1),
  ];
  return [
    tellStage('specialise'),
    ...(kind === 'client' ? forClients : []),
    // A private network, so that the firewall's rules for such apply.
    setDword(`${LISTED_NETWORKS}\\FirstNetwork`, 'Category', 1),
    setDword(`${LISTED_NETWORKS}\\${UNIDENTIFIED_NETWORK}`, 'Category', 1),
  ];
}

function firstLogon(password: string): Settings {
  const secret = { Value: password, PlainText: true };
  return {
    AutoLogon: { Enabled: true, LogonCount: 1, Password: secret, Username: USER },
    FirstLogonCommands: { SynchronousCommand: [{ Order: 1, CommandLine: runProvision() }] },
    OOBE: {
      HideEULAPage: true,
      HideLocalAccountScreen: true,
      HideOEMRegistrationScreen: true,
      HideOnlineAccountScreens: true,
      HideWirelessSetupInOOBE: true,
      ProtectYourPC: 3,
    },
    TimeZone: TIME_ZONE,
    UserAccounts: {
      AdministratorPassword: secret,
      LocalAccounts: { LocalAccount: [{ Group: 'Administrators', Name: USER, Password: secret }] },
    },
  };
}

/** Written out for each letter: a `for` has a percent sign, which Setup might take for a variable's. */
function runProvision(): string {
  const each = CD_LETTERS.map((letter) => `if exist ${letter}:${PROVISION} (${letter}:${PROVISION})`);
  return `cmd.exe /d /c ${each.join(' else ')}`;
}

const tellStage = (stage: string): string => `cmd.exe /d /c "echo wsklab stage ${stage}>COM1 & exit 0"`;

const setDword = (key: string, name: string, value: number): string =>
  `reg.exe add "${key}" /v ${name} /t REG_DWORD /d ${value} /f`;

const inOrder = (commands: string[]): Settings[] =>
  commands.map((command, at) => ({ Order: at + 1, Path: command }));

const locales = (locale: string): Settings => ({
  InputLocale: locale,
  SystemLocale: locale,
  UILanguage: locale,
  UserLocale: locale,
});

/**
 * The medium's own language: Setup asks for one that it has not. English only, because elsewhere groups have other
 * names ('Administratoren').
 */
function localeOf({ name, languages }: AnswerFileSettings['edition']): string {
  const english = languages.find((each) => /^en-/i.test(each));
  if (english !== undefined) return english;
  throw new LabError({
    code: 'LAB_WINDOWS_LANGUAGE',
    blame: 'usage',
    message: `'${name}' has the languages ${languages.join(', ') || '(none named)'}, and the lab installs English only`,
    next: 'take the English ISO (en-US or en-GB)',
  });
}

/** None for an evaluation: it brings its own. */
function productKey(version: WindowsVersion, editionId: string): string | undefined {
  if (editionId.endsWith('Eval')) return undefined;
  const key = version.productKeys[editionId];
  if (key !== undefined) return key;
  const known = Object.keys(version.productKeys).join(', ');
  throw new LabError({
    code: 'LAB_WINDOWS_PRODUCT_KEY',
    blame: 'usage',
    message: `no key is known to install edition '${editionId}' of ${version.name} with; there are ones for ${known}`,
    next: 'choose one of these editions, or take the evaluation medium',
  });
}
