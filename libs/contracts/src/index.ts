export * from './define.js';
export * as values from './values.js';
export * from './queue.js';
export * from './concert.js';
export * from './reservation.js';
export * from './wallet.js';
export * from './payment.js';
export * from './service.js';
export * from './catalogue.js';
