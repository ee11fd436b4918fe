import assert from 'node:assert/strict';
import { z } from 'zod';
import { LabError } from '../errors.ts';
import { parseYaml, readYaml } from './yaml-file.ts';

const schema = z.strictObject({
  name: z.string(),
  timeout: z.int().min(1).max(60).optional(),
  mode: z.enum(['event', 'irp']).optional(),
  steps: z.array(z.union([z.literal(['start', 'stop']), z.strictObject({ connect: z.int() })])).min(1),
  nested: z.strictObject({ ports: z.record(z.string(), z.int()) }).optional(),
});

/** The lines of the error that a text gives, without the file's name. */
function problems(text: string): string[] {
  try {
    parseYaml(text, '/x/a.yaml', schema);
  } catch (error) {
    assert.ok(error instanceof LabError);
    assert.equal(error.code, 'LAB_YAML_INVALID');
    assert.equal(error.exitCode, 2);
    return error.message.split('\n').map((line) => line.replace('/x/a.yaml:', ''));
  }
  return [];
}

describe('readYaml', () => {
  it('gives the value back as the schema says', () => {
    assert.deepEqual(parseYaml('name: a\nsteps: [start]\n', 'a.yaml', schema), {
      name: 'a',
      steps: ['start'],
    });
  });

  const cases: [title: string, text: string, expected: string[]][] = [
    [
      'a mistyped key by its line, its column and the nearest valid word',
      'name: a\nsteps: [start]\ntiemout: 3\n',
      ["3:1: unknown key 'tiemout', did you mean 'timeout'?"],
    ],
    [
      'a key like no other with all that are allowed',
      'name: a\nsteps: [start]\nzzzzzzzz: 3\n',
      ["3:1: unknown key 'zzzzzzzz', expected one of name, timeout, mode, steps, nested"],
    ],
    [
      'a wrong type with what was expected and what was found',
      'name: a\nsteps: [start]\ntimeout: soon\n',
      ["3:10: timeout: expected a number, found string 'soon'"],
    ],
    [
      'a number out of range with the limit',
      'name: a\nsteps: [start]\ntimeout: 61\n',
      ['3:10: timeout: expected at most 60, found number 61'],
    ],
    [
      'a mistyped word of a list of words',
      'name: a\nsteps: [start]\nmode: evnt\n',
      ["3:7: mode: found string 'evnt', did you mean 'event'?"],
    ],
    [
      'a mistyped word where a mapping may stand as well',
      'name: a\nsteps: [start, stp]\n',
      ["2:16: steps: found string 'stp', did you mean 'stop'?"],
    ],
    [
      'a mistyped key inside an alternative',
      'name: a\nsteps:\n  - conect: 3\n',
      ["3:5: the key 'connect' is missing (a number)", "3:5: unknown key 'conect', did you mean 'connect'?"],
    ],
    ['a missing key at the mapping that lacks it', 'name: a\n', ["1:1: the key 'steps' is missing (a list)"]],
    [
      'every problem of the file, in order of place',
      'nmae: a\nsteps: []\nnested:\n  ports: { a: x }\n',
      [
        "1:1: the key 'name' is missing (a text)",
        "1:1: unknown key 'nmae', did you mean 'name'?",
        '2:8: steps: expected at least 1 entries, found a list of 0',
        "4:15: a: expected a number, found string 'x'",
      ],
    ],
    ['a key given twice', 'name: a\nname: b\nsteps: [start]\n', ['2:1: map keys must be unique']],
    [
      'an alias, which could multiply a small file without bound',
      'name: &a x\nmode: *a\nsteps: [start]\n',
      ['2:7: aliases (*name) are not used in these files: write the value out'],
    ],
  ];
  for (const [title, text, expected] of cases) {
    it(`reports ${title}`, () => assert.deepEqual(problems(text), expected));
  }

  it('says which file cannot be read, and why', () => {
    assert.throws(() => readYaml('/no/such/file.yaml', schema), {
      code: 'LAB_YAML_UNREADABLE',
      message: 'cannot read /no/such/file.yaml: ENOENT',
    });
  });
});
