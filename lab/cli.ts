/** The program: arguments to commands. What each command does is in commands/. */
import { Command, CommanderError } from 'commander';
import { benchCommand } from '../bench/bench.ts';
import { faultsCommand, type CampaignOptions } from '../faults/campaign.ts';
import { EXIT } from './errors.ts';
import { checkCommand } from './commands/check.ts';
import { clausesCommand } from './commands/clauses.ts';
import { debugCommand, type DebugOptions } from './commands/debug.ts';
import { doctorCommand } from './commands/doctor.ts';
import {
  buildImageCommand,
  type BuildImageOptions,
  inspectIsoCommand,
  listImagesCommand,
  removeImageCommand,
} from './commands/image.ts';
import { interruptSignal } from './commands/interrupt.ts';
import { keepOnWithoutOutput } from './commands/lost-output.ts';
import { count, jobs, outputFile, pattern, seed, tcpPort, verifier } from './commands/option-values.ts';
import { errorLines, exitCodeOf } from './commands/print-error.ts';
import { runCommand, type RunCommandOptions } from './commands/run.ts';
import { shellCommand } from './commands/shell.ts';
import { showTrace } from './commands/trace.ts';

keepOnWithoutOutput();
const signal = interruptSignal();
let exitCode: number = EXIT.green;
const sets =
  <Arguments extends unknown[]>(action: (...args: Arguments) => Promise<number>) =>
  async (...args: Arguments): Promise<void> => {
    exitCode = await action(...args);
  };

const program = new Command('wsklab')
  .description('integration lab for Windows kernel drivers that use Winsock Kernel (WSK)')
  .helpCommand(true)
  .showHelpAfterError('(--help says what there is)')
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 green; 1 the driver broke a clause or an expectation; 2 wrong usage or configuration;\n3 the lab or the host failed; 4 inconclusive; 130, 143, 129 ended by SIGINT (Ctrl-C), SIGTERM, SIGHUP',
  );

const example = (text: string): string => `\nExample:\n  $ npm run lab -- ${text}`;
const addRunOptions = (command: Command): Command =>
  command
    .option('--guest <name>', 'the guest to run on (default: lab.config.yaml)')
    .option(
      '--driver <file>',
      "the driver under test, instead of each scenario's own: a .sys file or a name from drivers/",
    )
    .option('--grep <pattern>', 'only scenarios whose title matches', pattern)
    .option('--seed <number>', "this seed instead of each scenario's own", seed)
    .option('--jobs <number>', 'guests at the same time (default: what the host bears)', jobs)
    .option('--cold', 'boot a guest for every scenario instead of cloning one')
    .option(
      '--verifier <settings>',
      "Driver Verifier: 'standard', 'off' or flags with commas between",
      verifier,
    )
    .option('--junit <file>', 'write JUnit XML', outputFile)
    .option('--json <file>', 'write the result as JSON', outputFile);

program
  .command('doctor')
  .description('what this host can do for the lab, and what is missing')
  .option('--json', 'as JSON')
  .addHelpText('after', example('doctor'))
  .action(sets((options: { json?: boolean }) => doctorCommand(options)));

addRunOptions(program.command('run'))
  .argument('[scenario...]', 'names or folders of scenarios; default: all')
  .description('run scenarios on a guest and judge what was recorded')
  .addHelpText('after', example('run one-connection --driver mydriver.sys'))
  .action(sets((names: string[], options: RunCommandOptions) => runCommand(names, options, signal)));

addRunOptions(program.command('demo'))
  .description('build the guest and the drivers, run the accept-path scenarios of the correct sample')
  .addHelpText('after', example('demo'))
  .action(sets((options: RunCommandOptions) => runCommand([], { ...options, correct: true }, signal)));

program
  .command('check')
  .argument('<trace>', "a trace's folder, or the scenario folder that holds it")
  .option('--json <file>', 'write the result as JSON', outputFile)
  .description('judge a stored trace again')
  .addHelpText('after', example('check runs/20261122T101500-4711/one-connection'))
  .action(sets((path: string, options: { json?: string }) => checkCommand(path, options)));

const trace = program
  .command('trace')
  .description('look into a trace')
  .addHelpText('after', example('trace show runs/20261122T101500-4711/one-connection'));
trace
  .command('show')
  .argument('<trace>', "a trace's folder, or the scenario folder that holds it")
  .description('print the records, one line each: time, processor/thread, @IRQL above 0, side, what happened')
  .addHelpText(
    'after',
    `
-> and <- are calls of the driver and their returns, => and <= callbacks and completion routines of the driver,
indented by what the thread is inside of. Side D or P: only the driver, or only the provider, saw it so, for the
recorder stood between them (a perturbation).`,
  )
  .addHelpText('after', example('trace show runs/20261122T101500-4711/one-connection'))
  .action(sets((path: string) => showTrace(path)));

program
  .command('clauses')
  .argument('[area]', 'one area, clause by clause')
  .option('--json <file>', 'write them as JSON', outputFile)
  .description('the documented clauses, and which of them rules decide')
  .addHelpText('after', example('clauses accept-event'))
  .action(sets((area: string | undefined, options: { json?: string }) => clausesCommand(area, options)));

const image = program
  .command('image')
  .description('guest images')
  .addHelpText('after', example('image build reference'));
image
  .command('build')
  .argument('<name>', 'a folder of images/')
  .option('--iso <file>', 'the medium to install Windows from')
  .option('--edition <edition>', 'its index, name or edition id (default: the first one for x64)')
  .option('--openssh <file>', 'the zip of OpenSSH for Windows (default: beside the ISO)')
  .option('--disk-size <GiB>', "the guest's disk (default: 64 for Windows)", count)
  .description('build an image, or find it built')
  .addHelpText('after', example('image build reference'))
  .addHelpText('after', example('image build windows-server-2022 --iso SERVER_EVAL_x64FRE_en-us.iso'))
  .action(sets((name: string, options: BuildImageOptions) => buildImageCommand(name, options, signal)));
image
  .command('inspect')
  .argument('<iso>', 'an ISO file, as it was downloaded')
  .option('--edition <edition>', 'only this one: its index, name or edition id')
  .option('--json', 'as JSON')
  .description('the editions of Windows that an ISO installs')
  .addHelpText('after', example('image inspect SERVER_EVAL_x64FRE_en-us.iso'))
  .action(
    sets((iso: string, options: { json?: boolean; edition?: string }) => inspectIsoCommand(iso, options)),
  );
image
  .command('list')
  .option('--json', 'as JSON')
  .description('the images and templates in the cache folder')
  .addHelpText('after', example('image list'))
  .action(sets((options: { json?: boolean }) => listImagesCommand(options)));
image
  .command('remove')
  .argument('<image>', 'name, or name@digest')
  .description('remove images with their templates, and what only they used')
  .addHelpText('after', example('image remove reference@3f2a91c0'))
  .action(sets((reference: string) => removeImageCommand(reference)));

program
  .command('shell')
  .option('--guest <name>', 'the guest (default: lab.config.yaml)')
  .option('--cold', 'boot it instead of cloning one')
  .description('an ssh shell in a guest of its own')
  .addHelpText('after', example('shell'))
  .action(sets((options: { guest?: string; cold?: boolean }) => shellCommand(options, signal)));

program
  .command('debug')
  .option('--guest <name>', 'the guest (default: lab.config.yaml)')
  .option('--port <number>', 'TCP port of this host for the debugger (default: any)', tcpPort)
  .description('a guest of its own with a kernel debugger, or a gdb server, behind a TCP port')
  .addHelpText('after', example('debug --port 50005'))
  .action(sets((options: DebugOptions) => debugCommand(options, signal)));

program
  .command('bench')
  .option('--json <file>', 'write an array of { name, value, unit, baseline, ratio }', outputFile)
  .option(
    '--only <names>',
    'only these, with commas between: host, checker, guest, recorder, clones, suite, demo',
  )
  .description('measure the lab; ratios against a baseline of the same run')
  .addHelpText('after', example('bench --only checker'))
  .action(sets((options: { json?: string; only?: string }) => benchCommand(options, signal)));

program
  .command('faults')
  .option('--seed <number>', 'of the first case of each fault; the next one has the next', seed)
  .option('--each <number>', 'cases of each fault', count)
  .option('--only <names>', 'only these, with commas between')
  .option('--json <file>', 'write an array of cases', outputFile)
  .option('--resume', 'leave out the cases that are in the JSON file already')
  .description('break runs on purpose, at random moments, and check what comes of it')
  .addHelpText('after', example('faults --only kill-qemu --each 5'))
  .action(sets((options: CampaignOptions) => faultsCommand(options, signal)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? EXIT.green : EXIT.usage;
  else {
    for (const line of errorLines(error)) process.stderr.write(`${line}\n`);
    exitCode = signal.aborted ? Number(process.exitCode ?? EXIT.fault) : exitCodeOf(error);
  }
}
process.exitCode = signal.aborted ? (process.exitCode ?? EXIT.fault) : exitCode;
