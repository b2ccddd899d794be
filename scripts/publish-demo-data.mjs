// @ts-check
// Fills an empty system with demo data and does nothing on a filled one. AMQP_URL names the broker.
import { publishDemoData } from './demo-data.mjs';

const broker = process.env.AMQP_URL;
if (!broker) {
  console.error('Missing in the environment: AMQP_URL');
  process.exit(78);
}
const published = await publishDemoData({ broker, queuePrefix: process.env.AMQP_PREFIX ?? '' });
console.log(published ? 'Demo data is published.' : 'There is data already.');
