import { Duplex } from 'node:stream';
import { PROTOCOL_VERSION } from './agent-channel.ts';
import { encodeFrame, FRAME, FrameDecoder, type Frame } from './agent-frame.ts';

/** The guest's end of a channel: the test answers for the agent. */
export class GuestEnd {
  readonly host: Duplex;
  readonly received: Frame[] = [];
  onFrame: (frame: Frame) => void = () => undefined;

  constructor() {
    const decoder = new FrameDecoder();
    this.host = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        for (const frame of decoder.push(chunk)) {
          this.received.push(frame);
          this.onFrame(frame);
        }
        done();
      },
    });
  }

  send(type: number, request: number, payload: Buffer = Buffer.alloc(0)): void {
    this.host.push(encodeFrame({ type, request, payload }));
  }

  /** Answers the greeting as the agent does. */
  greet(frame: Frame, version = PROTOCOL_VERSION, nonce = frame.payload): void {
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32LE(version, 0);
    numbers.writeUInt32LE(408, 4);
    this.send(FRAME.HELLO_REPLY, frame.request, Buffer.concat([nonce, numbers]));
  }
}
