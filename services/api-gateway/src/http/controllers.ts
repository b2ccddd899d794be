import { DIALECT_CONTROLLERS } from './dialects/controllers.js';
import { V1_CONTROLLERS } from './v1/controllers.js';

/** Everything that is served and documented. */
export const CONTROLLERS = [...V1_CONTROLLERS, ...DIALECT_CONTROLLERS];
