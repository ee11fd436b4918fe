/** A driver's parameters: values under its service's Parameters key, written as a registry file. */
import { LabError } from '../errors.ts';

/** Numbers become REG_DWORD, texts REG_SZ. */
export type DriverParameters = Readonly<Record<string, number | string>>;

/**
 * The registry file (UTF-16, as reg.exe import takes it) that replaces all parameters of a service.
 * @throws LabError LAB_DRIVER_PARAMETER for what the registry cannot hold.
 */
export function renderParameters(service: string, parameters: DriverParameters): Buffer {
  const key = `HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\${service}\\Parameters`;
  const lines = [
    'Windows Registry Editor Version 5.00',
    '',
    `[-${key}]`,
    '',
    `[${key}]`,
    ...Object.entries(parameters).map(([name, value]) => `${quote(name, name)}=${renderValue(name, value)}`),
    '',
  ];
  return Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`, 'utf16le');
}

function renderValue(name: string, value: number | string): string {
  if (typeof value === 'string') return quote(name, value);
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw parameterError(name, `${value} is not an integer from 0 to 4294967295 (REG_DWORD)`);
  return `dword:${value.toString(16).padStart(8, '0')}`;
}

function quote(name: string, text: string): string {
  if (/[\0-\x1f]/.test(text)) throw parameterError(name, 'control characters cannot be in a registry text');
  return `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
}

const parameterError = (name: string, what: string) =>
  new LabError({
    code: 'LAB_DRIVER_PARAMETER',
    blame: 'scenario',
    message: `driver parameter ${JSON.stringify(name)}: ${what}`,
    next: "correct the scenario's parameters",
  });
