/** The log of events as a service of a backend. */

import { hasReactions } from '../../model/reaction.ts'
import type { Service } from '../service.ts'
import { eventFunctions, eventTables } from './tables.ts'

/** The log of events, for designs that react to events. The engine empties its parts day by day, so nothing is swept. */
export const eventsService: Service = {
  name: 'events',
  isUsedBy: hasReactions,
  tables: eventTables,
  functions: eventFunctions,
  sweep: async () => 0,
}
