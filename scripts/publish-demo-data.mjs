// @ts-check
// Fills an empty system with demo data and does nothing on a filled one. AMQP_URL names the broker,
// TOKEN_SIGNING_KEYS are the gateway's: services believe nobody else that an operator asks.
import { publishDemoData } from './demo-data.mjs';

/** @param {string} name */
function needed(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`Missing in the environment: ${name}`);
  process.exit(78);
}

const published = await publishDemoData({
  broker: needed('AMQP_URL'),
  signingKeys: JSON.parse(needed('TOKEN_SIGNING_KEYS')),
  queuePrefix: process.env.AMQP_PREFIX ?? '',
});
console.log(published ? 'Demo data is published.' : 'There is data already.');
