/**
 * Which folder may import which. One way only: a folder knows those to its right.
 *
 *     cli, commands → run → report, deploy, client, guest, wire, image → machine, network → trace, check → errors
 *
 * An exception is a rule's `pathNot` with its reason beside it.
 */
const only = ({ name, from, allowed, comment, except = [] }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: ['\\.test\\.ts$', ...except] },
  to: { path: '^(lab|specs|images|bench|faults|scripts)/', pathNot: [from, ...allowed] },
});
const never = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path: to },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only({
      name: 'errors-know-nobody',
      from: '^lab/errors\\.ts$',
      allowed: [],
      comment: 'everybody imports errors',
    }),
    only({
      name: 'trace-is-pure',
      from: '^lab/trace/',
      allowed: ['^lab/errors\\.ts$'],
      comment: 'trace and check import nobody but each other and errors',
      except: ['^lab/trace/generate\\.ts$'], // the program that writes the generated files has to find them
    }),
    only({
      name: 'check-is-pure',
      from: '^lab/check/',
      allowed: ['^lab/trace/', '^lab/errors\\.ts$'],
      comment: 'check → trace, never back',
    }),
    {
      name: 'check-does-no-io',
      comment: 'the checker is a function of its evidence: no file, no clock, no machine',
      severity: 'error',
      from: { path: '^(lab/check|specs/rules)/', pathNot: ['\\.test\\.ts$', '^specs/rules/index\\.ts$'] }, // index.ts lists its own folder
      to: { dependencyTypes: ['core'] },
    },
    only({
      name: 'rules-know-check-only',
      from: '^specs/rules/',
      allowed: ['^lab/check/', '^lab/trace/'],
      comment: 'lab/trace for the types of records and its tables of names',
    }),
    never(
      'machine-knows-no-guests',
      '^lab/machine/',
      '^(lab/(guest|image|deploy|client|check|run|report|wire)|images|specs)/',
    ),
    never(
      'network-knows-no-guests',
      '^lab/network/',
      '^(lab/(guest|image|deploy|client|check|run|report|wire)|images|specs)/',
    ),
    never(
      'guest-knows-no-drivers',
      '^lab/guest/',
      '^(lab/(deploy|client|check|run|report|wire)|drivers|specs)/',
    ),
    never(
      'crash-knows-no-guest',
      '^lab/crash/',
      '^(lab/(guest|image|deploy|client|check|run|report|wire)|images|specs)/',
    ),
    never(
      'client-knows-no-machine',
      '^lab/client/',
      '^(lab/(machine|guest|image|deploy|network|run|report)|specs)/',
    ),
    never('config-is-for-all', '^lab/config/', '^(lab/(?!errors|project|config)|specs|images)'),
    never('report-only-shows', '^lab/report/', '^lab/(machine|network|guest|image|deploy|run|commands)/'),
    never(
      'lab-has-no-wsk-rule',
      '^lab/(?!run/|commands/|cli\\.ts)',
      '^specs/rules/',
      'run and cli hand the rules to the checker',
    ),
    never(
      'nobody-imports-the-cli',
      '^(lab/(?!cli\\.ts|commands/)|specs/|images/)',
      '^lab/(cli\\.ts|commands/)',
    ),
  ].map(({ comment, ...rule }) => (comment === undefined ? rule : { comment, ...rule })),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};
