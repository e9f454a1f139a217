// Starts the sandbox's own process, for control.ts.
'use strict';
const { load } = require('./load.js');

void load('sandbox').main();
