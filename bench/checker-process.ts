/** The checker over so many events with all rules or none: `checker-process.ts EVENTS all|none`, result as JSON. */
import { measureChecker } from './checker.ts';

const [events, rules] = process.argv.slice(2);
const figures = await measureChecker(Number(events), rules === 'none' ? [] : undefined);
process.stdout.write(JSON.stringify(figures));
