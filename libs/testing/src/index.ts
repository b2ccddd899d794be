export { testBroker, type TestBroker } from './broker.js';
export { testDatabase, type TestDatabase } from './database.js';
export { eventually } from './eventually.js';
