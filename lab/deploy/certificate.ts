/**
 * A self-signed code-signing certificate (X.509 v3, RFC 5280), written in DER by hand: node:crypto makes keys
 * and signatures but no certificates, and `openssl req` of Debian 12 cannot back-date one.
 */
import { randomBytes, sign, type KeyObject } from 'node:crypto';

const OID = {
  commonName: '550403',
  sha256WithRsa: '2a864886f70d01010b',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  extendedKeyUsage: '551d25',
  codeSigning: '2b06010505070303',
};

/** Tag, length, value. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const value = Buffer.concat(content);
  const length =
    value.length < 0x80 ? [value.length] : [0x82, value.length >> 8, value.length & 0xff]; /* below 64 KiB */
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

const sequence = (...content: Buffer[]) => der(0x30, ...content);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const bitString = (value: Buffer, unusedBits = 0) => der(0x03, Buffer.from([unusedBits]), value);
const TRUE = der(0x01, Buffer.from([0xff]));
const NULL = der(0x05);

/** UTCTime serves the years up to 2049, GeneralizedTime those after. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}

const criticalExtension = (id: string, value: Buffer) => sequence(oid(id), TRUE, der(0x04, value));

export interface CertificateRequest {
  commonName: string;
  notBefore: Date;
  notAfter: Date;
  /** RSA. */
  publicKey: KeyObject;
  privateKey: KeyObject;
}

/** The certificate as PEM: no CA, key usage digitalSignature, extended key usage codeSigning. */
export function selfSignedCertificate(request: CertificateRequest): string {
  const name = sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(request.commonName)))));
  const algorithm = sequence(oid(OID.sha256WithRsa), NULL);
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    name,
    sequence(time(request.notBefore), time(request.notAfter)),
    name,
    request.publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        criticalExtension(OID.basicConstraints, sequence()),
        criticalExtension(OID.keyUsage, bitString(Buffer.from([0x80]), 7)),
        criticalExtension(OID.extendedKeyUsage, sequence(oid(OID.codeSigning))),
      ),
    ),
  );
  const signature = sign('sha256', body, request.privateKey);
  const base64 = sequence(body, algorithm, bitString(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
