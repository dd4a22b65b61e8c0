/** The schemas of a backend: Plinth's own, and that of the design. */

import { desiredDatabase } from '../compile/tables/tables.ts'
import type { Database } from '../model/database.ts'
import type { Model } from '../model/model.ts'
import { systemDatabase } from '../postgres/schema/system-schema.ts'
import { idempotencyTables } from '../services/idempotency/tables.ts'
import { identityTables } from '../services/identity/tables.ts'

/** What each schema should be: Plinth's own, then the design's. */
export function databasesOf(model: Model): readonly Database[] {
  return [systemDatabase([...(model.identity === null ? [] : identityTables), ...idempotencyTables]), desiredDatabase(model)]
}
