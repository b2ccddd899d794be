// @ts-check
// The load client: a process of its own, so that what it costs is not taken for what the system
// costs. It is told what to send by its parent, and answers with what came back.
import { Connection } from './connection.mjs';
import { Recorder } from './recorder.mjs';
import { RequestList } from './request-list.mjs';
import { SHAPES } from './shapes.mjs';

const SWEEP_EVERY_MS = 250;

/**
 * @typedef {object} Order
 * @property {string} url
 * @property {'closed' | 'open' | 'rush' | 'journey'} shape see shapes.mjs
 * @property {number} seconds measured
 * @property {number} warmupSeconds before that
 * @property {number} concurrency connections; the most there may be when `open`
 * @property {readonly Phase[]} [phases] how many requests a second, when `open`
 * @property {number} [rushSize] requests at once, when `rush`
 * @property {string} [journey] URL of a module whose default export is one person's way
 * @property {'once' | 'over-and-over' | 'until-accepted'} use how often a request may be sent
 * @property {number} timeoutMs after which an answer is no longer waited for
 * @property {import('./request-list.mjs').Packed} packed the requests
 *
 * @typedef {{ seconds: number, perSecond: number }} Phase
 *
 * @typedef {object} Load what a shape works with
 * @property {Order} order
 * @property {RequestList} list
 * @property {Recorder} recorder
 * @property {() => Connection} open
 * @property {() => boolean} isOver
 */

/** @param {Order} order */
async function run(order) {
  const { hostname, port } = new URL(order.url);
  const address = { hostname, port: Number(port) };
  const list = new RequestList(order.packed, order.use);
  const recorder = new Recorder();
  /** @type {Connection[]} */
  const connections = [];
  let isOver = false;
  const open = () => {
    const connection = new Connection(address);
    connections.push(connection);
    return connection;
  };
  const sweeping = setInterval(() => {
    const before = performance.now() - order.timeoutMs;
    for (const one of connections) if (one.isBusy && one.sentAtMs < before) one.abandon('timeout');
  }, SWEEP_EVERY_MS);
  const starting = setTimeout(() => {
    recorder.startMeasuring();
    tell({ measuring: true });
  }, order.warmupSeconds * 1_000);
  const end = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(starting);
    recorder.stopMeasuring();
    tell({ measured: true });
  };
  const ending = setTimeout(end, (order.warmupSeconds + order.seconds) * 1_000);
  await SHAPES[order.shape]({ order, list, recorder, open, isOver: () => isOver });
  const ranOut = !isOver;
  end();
  clearTimeout(ending);
  clearInterval(sweeping);
  tell({ result: { ...recorder.result(), used: list.used, ranOut } });
}

/** @param {object} message */
function tell(message) {
  process.send?.(message);
}

process.on('message', (/** @type {Order} */ order) => {
  run(order).then(
    () => process.disconnect(),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
// The connections would keep it alive when its parent is gone.
process.on('disconnect', () => process.exit());
