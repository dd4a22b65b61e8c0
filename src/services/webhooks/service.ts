/** Webhooks as a service of a backend. */

import { sendsWebhooks } from '../../model/reaction.ts'
import type { Service } from '../service.ts'
import { sweepDeliveries } from './sweep.ts'
import { webhookTables } from './tables.ts'

/** The messages to webhooks. A backend whose design sends some has this service. */
export const webhooksService: Service = {
  name: 'webhooks',
  isUsedBy: sendsWebhooks,
  tables: webhookTables,
  sweep: ({ run }) => sweepDeliveries(run),
}
