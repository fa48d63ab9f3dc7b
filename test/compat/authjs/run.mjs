import assert from 'node:assert/strict';
import { runAll } from './harness.mjs';
import './login.mjs';
import './factors.mjs';
import './refusals.mjs';
import './differences.mjs';

assert.ok(Number(process.versions.node.split('.')[0]) >= 20, 'Node.js 20 or newer is needed');
process.exitCode = (await runAll()) > 0 ? 1 : 0;
