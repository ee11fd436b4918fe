/** Packets and client operations in a few words, for time lines. */
import type { ClientOperation, Packet } from '../check/evidence.ts';
import { endpointText } from '../check/wire.ts';

export function packetText(packet: Packet): string {
  const flags = (['syn', 'fin', 'rst', 'psh', 'ack'] as const)
    .filter((flag) => packet[flag])
    .map((flag) => flag.toUpperCase());
  const payload = packet.payloadBytes > 0 ? `, ${packet.payloadBytes} bytes` : '';
  return `${flags.join('+') || 'segment'} ${endpointText(packet.source)} → ${endpointText(packet.destination)}${payload}`;
}

export function operationText(operation: ClientOperation): string {
  const { connection, kind, result, bytes, local } = operation;
  const from = local ? ` from ${endpointText(local)}` : '';
  const amount = bytes > 0 ? `, ${bytes} bytes` : '';
  return `client ${connection}${from}: ${kind} ${result}${amount}`;
}
