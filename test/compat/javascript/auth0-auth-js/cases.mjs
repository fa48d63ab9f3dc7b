import './login.mjs';
import './factors.mjs';
import './refusals.mjs';
import './differences.mjs';
