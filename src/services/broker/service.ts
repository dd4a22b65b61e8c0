/** Messages of a broker as a service of a backend. */

import { hasSubscriptions } from '../../model/broker/broker.ts'
import type { Service } from '../service.ts'
import { sweepMessages } from './statements.ts'
import { brokerTables } from './tables.ts'

/** The ids of received messages. A backend whose design subscribes to some has this service. */
export const brokerService: Service = {
  name: 'broker',
  isUsedBy: hasSubscriptions,
  tables: brokerTables,
  sweep: ({ run }) => sweepMessages(run),
}
