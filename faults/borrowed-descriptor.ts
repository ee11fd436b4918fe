/**
 * Another process's descriptor, used from outside: pidfd_getfd(2) gives a duplicate of it, here to Perl, which every
 * Debian has and which can make any system call. So a channel can be cut, or something said on it, with the program at
 * its end none the wiser.
 */
import { execa } from 'execa';

const BORROW = `
  use strict;
  my ($pid, $number, $action) = @ARGV;
  my $process = syscall(434, $pid + 0, 0);                     # pidfd_open
  my $descriptor = syscall(438, $process, $number + 0, 0);     # pidfd_getfd
  die "pidfd_getfd: $!\\n" if $process < 0 or $descriptor < 0;
  open(my $channel, '+<&=', $descriptor) or die "$!\\n";
`;

export interface Borrowed {
  pid: number;
  descriptor: number;
}

/** Neither end can send any more. */
export async function cut({ pid, descriptor }: Borrowed): Promise<void> {
  await perl(`shutdown($channel, 2) or die "shutdown: $!\\n";`, { pid, descriptor });
}

/** The other end receives `bytes`, as if the borrowed process had sent them. */
export async function say({ pid, descriptor }: Borrowed, bytes: Buffer): Promise<void> {
  const send = 'local $/; my $bytes = <STDIN>; syswrite($channel, $bytes) // die "write: $!\\n";';
  await perl(send, { pid, descriptor }, { input: bytes });
}

/** The other end receives `text` over and over, up to so many MiB, until it closes or \`signal\` comes. */
export async function flood(
  { pid, descriptor }: Borrowed,
  { text, maxMiB, signal }: { text: string; maxMiB: number; signal: AbortSignal },
): Promise<void> {
  // Both ends are non-blocking: the flag is the channel's, not the descriptor's.
  const send = `
    my $chunk = <STDIN>; $chunk x= int(65536 / length $chunk);
    my ($left, $ready) = (${maxMiB} * 1048576, '');
    vec($ready, fileno($channel), 1) = 1;
    # A duplicate keeps the channel open: it must not outlive the process.
    while ($left > 0 and kill(0, $pid)) {
      select(undef, my $writable = $ready, undef, 0.1);
      my $sent = syswrite($channel, $chunk);
      if (defined $sent) { $left -= $sent } elsif (!$!{EAGAIN}) { last }
    }`;
  await perl(send, { pid, descriptor }, { input: text, cancelSignal: signal, reject: false });
}

/** What is sent to the borrowed process is lost, as long as this is quicker than the process, until `signal` comes. */
export async function swallow({ pid, descriptor }: Borrowed, signal: AbortSignal): Promise<void> {
  const receive = `
    my $ready = '';
    vec($ready, fileno($channel), 1) = 1;
    # A duplicate keeps the channel open: it must not outlive the process.
    while (kill(0, $pid)) {
      select(my $readable = $ready, undef, undef, 0.1) or next;
      my $got = sysread($channel, my $lost, 65536);
      if (defined $got) { last if $got == 0 } elsif (!$!{EAGAIN}) { last }
    }`;
  await perl(receive, { pid, descriptor }, { cancelSignal: signal, reject: false });
}

async function perl(
  action: string,
  { pid, descriptor }: Borrowed,
  options: { input?: string | Buffer; cancelSignal?: AbortSignal; reject?: boolean } = {},
): Promise<void> {
  await execa('perl', ['-MErrno', '-e', BORROW + action, `${pid}`, `${descriptor}`], options);
}
