import { commonConfig } from '@encore/service-kit';
import { z } from 'zod';

/** Nothing of its own: what the service does depends on its data alone. */
export const concertConfigSchema = z.object(commonConfig);
