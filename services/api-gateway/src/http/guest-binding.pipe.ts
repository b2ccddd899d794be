import { Injectable, type PipeTransform } from '@nestjs/common';
import { Passes } from '../application/passes.js';
import { HttpCall } from './call.js';

/**
 * A guest's pass belongs for good to the first user it acts for. That happens here: the request is
 * valid and its caller known, and its handler runs for the user.
 */
@Injectable()
export class GuestBindingPipe implements PipeTransform {
  constructor(private readonly passes: Passes) {}

  async transform(value: unknown): Promise<unknown> {
    if (!(value instanceof HttpCall)) return value;
    const { binding, caller } = value;
    if (binding === undefined || caller === undefined) return value;
    // Whom the guest turns out to be is who binds the pass, too.
    value.bound({ ...caller, userId: binding.userId });
    await this.passes.bind(binding, value.origin);
    return value;
  }
}
