/** The schemas of a backend: Plinth's own schema and the schema of the design. */

import { compile } from '../compile/compile.ts'
import type { Database } from '../model/database.ts'
import type { Model } from '../model/model.ts'
import { systemDatabase } from '../postgres/schema/system-schema.ts'
import { servicesOf } from '../server/services.ts'

/** The desired schemas: Plinth's own, then the design's. */
export function databasesOf(model: Model): readonly Database[] {
  return [systemDatabase(servicesOf(model).flatMap((service) => service.tables)), compile(model).database]
}
