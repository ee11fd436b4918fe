/** An ssh server for tests: ssh2's own, with commands given by the test and files in a map. */
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import ssh2, { type Connection, type ServerChannel, type SFTPWrapper } from 'ssh2';
import { makeSshKeyPair } from './ssh-key-pair.ts';
import type { SshSettings } from './ssh.ts';

const { Server, utils } = ssh2;
const { STATUS_CODE } = utils.sftp;

export interface TestCommand {
  command: string;
  channel: ServerChannel;
}

export class TestSshServer implements AsyncDisposable {
  readonly files = new Map<string, Buffer>();
  /** Called for every write; may change what is stored. */
  onWrite: (data: Buffer) => Buffer | 'fail' = (data) => data;
  /** The most that a read gives at once. */
  maxReadBytes = 1024 * 1024;
  hasPosixRename = true;
  /** Connections that were accepted, and not yet closed. */
  readonly sockets = new Set<Socket>();
  readonly #keys = { host: makeSshKeyPair('host'), user: makeSshKeyPair('user') };
  readonly #tcp = createServer();
  #port = 0;

  static async start(onCommand: (command: TestCommand) => void): Promise<TestSshServer> {
    const server = new TestSshServer();
    const ssh = new Server({ hostKeys: [server.#keys.host.private] }, (client) =>
      server.#serve(client, onCommand),
    );
    server.#tcp.on('connection', (socket) => {
      server.sockets.add(socket.setNoDelay(true).on('error', () => undefined));
      socket.once('close', () => server.sockets.delete(socket));
      ssh.injectSocket(socket);
    });
    server.#tcp.listen(0, '127.0.0.1');
    await once(server.#tcp, 'listening');
    server.#port = (server.#tcp.address() as { port: number }).port;
    return server;
  }

  get settings(): SshSettings {
    return { user: 'lab', privateKey: this.#keys.user.private, hostKey: this.#keys.host.public };
  }

  /** Connects like GuestNetwork.dial. */
  dial = async (): Promise<Socket> => {
    const socket = connect(this.#port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    return socket;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  #serve(client: Connection, onCommand: (command: TestCommand) => void): void {
    const accepted = utils.parseKey(this.#keys.user.public);
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      if (accepted instanceof Error || context.method !== 'publickey' || context.username !== 'lab')
        context.reject();
      else if (!context.key.data.equals(accepted.getPublicSSH())) context.reject();
      else context.accept();
    });
    client.on('session', (accept) => {
      const session = accept();
      session.on('exec', (acceptExec, _, { command }) => onCommand({ command, channel: acceptExec() }));
      session.on('pty', (acceptPty) => acceptPty());
      session.on('shell', (acceptShell) => onCommand({ command: 'shell', channel: acceptShell() }));
      session.on('sftp', (acceptSftp) => this.#serveFiles(acceptSftp()));
    });
  }

  #serveFiles(sftp: SFTPWrapper): void {
    const name = (handle: Buffer) => handle.toString();
    sftp.on('OPEN', (id, path, flags) => {
      if (path.includes('missing-folder')) return sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
      if (flags & utils.sftp.OPEN_MODE.WRITE) this.files.set(path, Buffer.alloc(0));
      else if (!this.files.has(path)) return sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
      sftp.handle(id, Buffer.from(path));
    });
    sftp.on('WRITE', (id, handle, offset, data) => {
      const stored = this.onWrite(data);
      if (stored === 'fail') return sftp.status(id, STATUS_CODE.FAILURE);
      const before = this.files.get(name(handle))!;
      const after = Buffer.alloc(Math.max(before.length, offset + stored.length));
      before.copy(after);
      stored.copy(after, offset);
      this.files.set(name(handle), after);
      sftp.status(id, STATUS_CODE.OK);
    });
    sftp.on('READ', (id, handle, offset, length) => {
      const part = this.files
        .get(name(handle))!
        .subarray(offset, offset + Math.min(length, this.maxReadBytes));
      if (part.length === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, part);
    });
    sftp.on('STAT', (id, path) => {
      const file = this.files.get(path);
      if (!file) return sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
      sftp.attrs(id, { mode: 0o100644, uid: 0, gid: 0, size: file.length, atime: 0, mtime: 0 });
    });
    sftp.on('CLOSE', (id) => sftp.status(id, STATUS_CODE.OK));
    sftp.on('REMOVE', (id, path) =>
      sftp.status(id, this.files.delete(path) ? STATUS_CODE.OK : STATUS_CODE.NO_SUCH_FILE),
    );
    sftp.on('RENAME', (id, from, to) => {
      // As the protocol's version 3 has it: a rename replaces nothing.
      if (this.files.has(to)) return sftp.status(id, STATUS_CODE.FAILURE);
      this.#rename(from, to);
      sftp.status(id, STATUS_CODE.OK);
    });
    sftp.on('EXTENDED', (id, extension, data) => {
      if (!this.hasPosixRename || extension !== 'posix-rename@openssh.com')
        return sftp.status(id, STATUS_CODE.OP_UNSUPPORTED);
      const length = data.readUInt32BE(0);
      this.#rename(data.subarray(4, 4 + length).toString(), data.subarray(8 + length).toString());
      sftp.status(id, STATUS_CODE.OK);
    });
  }

  #rename(from: string, to: string): void {
    this.files.set(to, this.files.get(from)!);
    this.files.delete(from);
  }
}
