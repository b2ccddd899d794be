export { testActors } from './actors.js';
export { bootService, type BootedService } from './boot-service.js';
export { testBroker, type TestBroker } from './broker.js';
export { Replies } from './caller.js';
export { testDatabase, type TestDatabase } from './database.js';
export { eventually } from './eventually.js';
export { OidcProvider, type SignedToken } from './oidc-provider.js';
export { OwnTokens } from './own-tokens.js';
export { Stranger } from './stranger.js';
