import type { RefusalDetail } from '@encore/contracts';

/** A service said no. Ends the HTTP request with the status of the refusal; nothing is wrong. */
export class RefusalError extends Error {
  override name = 'RefusalError';

  constructor(
    readonly refusal: string,
    readonly detail?: RefusalDetail,
  ) {
    super(refusal);
  }
}
