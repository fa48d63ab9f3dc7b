import assert from 'node:assert/strict';
import { runAll, settings } from './harness.mjs';

assert.ok(Number(process.versions.node.split('.')[0]) >= 20, 'Node.js 20 or newer is needed');
await import(`./${settings.library}/cases.mjs`);
process.exitCode = (await runAll()) > 0 ? 1 : 0;
