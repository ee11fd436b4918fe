/** The Windows versions that guests are to be made of: what differs between them. */

export type WindowsName =
  'windows-server-2022' | 'windows-server-2025' | 'windows-10-22h2' | 'windows-11-24h2';

export interface WindowsVersion {
  name: WindowsName | 'stand-in';
  kind: 'server' | 'client';
  /** As media name it; Windows 10 22H2 is 19041 with a switch on, and may be called so. */
  builds: readonly number[];
  /** Setup refuses a machine without TPM, Secure Boot and 4 GiB, unless it is told not to look. */
  checksHardware: boolean;
  /** From the name of an edition (EDITIONID) to the KMS client key that Microsoft publishes for it. */
  productKeys: Readonly<Record<string, string>>;
}

/** Windows 10 and 11 share them. https://learn.microsoft.com/windows-server/get-started/kms-client-activation-keys */
const CLIENT_KEYS = {
  Enterprise: 'NPPR9-FWDCX-D2C8J-H872K-2YT43',
  Professional: 'W269N-WFGWX-YVC9B-4J6C9-T83GX',
};

export const WINDOWS_VERSIONS: Readonly<Record<WindowsName, WindowsVersion>> = {
  'windows-server-2022': {
    name: 'windows-server-2022',
    kind: 'server',
    builds: [20348],
    checksHardware: false,
    productKeys: {
      ServerStandard: 'VDYBN-27WPP-V4HQT-9VMD4-VMK7H',
      ServerDatacenter: 'WX4NM-KYWYW-QJJR4-XV3QB-6VM33',
    },
  },
  'windows-server-2025': {
    name: 'windows-server-2025',
    kind: 'server',
    builds: [26100],
    checksHardware: false,
    productKeys: {
      ServerStandard: 'TVRH6-WHNXV-R9WG3-9XRFY-MY832',
      ServerDatacenter: 'D764K-2NDRG-47T6Q-P8T8W-YP6DF',
    },
  },
  'windows-10-22h2': {
    name: 'windows-10-22h2',
    kind: 'client',
    builds: [19045, 19041],
    checksHardware: false,
    productKeys: CLIENT_KEYS,
  },
  'windows-11-24h2': {
    name: 'windows-11-24h2',
    kind: 'client',
    builds: [26100],
    checksHardware: true,
    productKeys: { ...CLIENT_KEYS, EnterpriseS: 'M7XTQ-FN8P6-TTKYV-9D4CC-J462D' },
  },
};
