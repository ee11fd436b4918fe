/** All rules: whatever the files of the area folders export as `rule` (one clause) or `rules` (a small family). */
import { readdirSync } from 'node:fs';
import type { Rule } from '../../lab/check/rule.ts';

interface RuleFile {
  rule?: Rule;
  rules?: readonly Rule[];
}

/** In the order of their files. */
export async function loadRules(): Promise<Rule[]> {
  const here = new URL('./', import.meta.url);
  const areas = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = areas.flatMap(({ name: area }) =>
    readdirSync(new URL(`${area}/`, here))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => ({ area, rule: file.slice(0, -'.ts'.length) })),
  );
  const modules = await Promise.all(
    // esbuild finds the files by this pattern.
    files.map(({ area, rule }) => import(`./${area}/${rule}.ts`) as Promise<RuleFile>),
  );
  return modules.flatMap(({ rule, rules = [] }) => (rule ? [rule, ...rules] : rules));
}
