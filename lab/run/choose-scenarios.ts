/** Which scenarios a command line means. Others are not read: what is wrong in them is nothing to this run. */
import { didYouMean } from '../config/nearest.ts';
import { LabError } from '../errors.ts';
import {
  readScenario,
  scenarioFiles,
  type ReadOptions,
  type Scenario,
  type ScenarioFile,
} from './scenario.ts';

/**
 * The named scenarios of a folder, in the order of the names, or all. A name is an id, a folder of ids, the last part of an
 * id where that is clear, or a file's path below the project. `correct`: without those whose driver has a known mistake or
 * must crash.
 * @throws LabError LAB_SCENARIO_UNKNOWN, LAB_YAML_UNREADABLE, LAB_YAML_INVALID
 */
export function chooseScenarios(
  folder: string,
  names: readonly string[],
  { correct, clauseIds }: { correct: boolean } & Pick<ReadOptions, 'clauseIds'>,
): Scenario[] {
  const all = scenarioFiles(folder);
  const wanted = names.length === 0 ? all : names.flatMap((name) => named(all, name));
  return wanted
    .filter(({ id }) => !correct || !/^(mistakes|faults)\//.test(id))
    .map(({ path }) => readScenario(path, { folder, ...(clauseIds && { clauseIds }) }));
}

function named(all: readonly ScenarioFile[], name: string): ScenarioFile[] {
  const id = name.replace(/\.ya?ml$/, '').replace(/^specs\/scenarios\//, '');
  const found = all.filter((file) => file.id === id || file.id.startsWith(`${id}/`));
  if (found.length > 0) return found;
  const inFolder = all.filter((file) => file.id.endsWith(`/${id}`));
  if (inFolder.length === 1) return inFolder;
  const ids = all.map((file) => file.id);
  throw new LabError({
    code: 'LAB_SCENARIO_UNKNOWN',
    blame: 'usage',
    message: `no scenario '${name}'${didYouMean(id, ids)}`,
    next: `the scenarios are: ${ids.join(', ')}`,
  });
}
