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
  const files = readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(new URL(`${name}/`, here)).map((file) => `${name}/${file}`))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort();
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, here).href) as Promise<RuleFile>),
  );
  return modules.flatMap(({ rule, rules = [] }) => (rule ? [rule, ...rules] : rules));
}
