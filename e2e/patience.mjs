import { jest } from '@jest/globals';

// The whole system takes longer to start, and to recover from what the tests do to it.
jest.setTimeout(300_000);
