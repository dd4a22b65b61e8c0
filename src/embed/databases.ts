/** The schemas of a backend: Plinth's own schema and the schema of the design. */

import { compile } from '../compile/compile.ts'
import type { Database } from '../model/database.ts'
import type { Model } from '../model/model.ts'
import { hashOf } from '../postgres/migrate/migration-record.ts'
import { systemDatabase } from '../postgres/schema/system-schema.ts'
import { servicesOf } from '../server/services.ts'
import { ownPackage } from './own-package.ts'

/** The desired schemas: Plinth's own, then the design's. */
export function databasesOf(model: Model): readonly Database[] {
  const services = servicesOf(model)
  const own = systemDatabase(
    services.flatMap(({ tables }) => tables),
    services.flatMap(({ functions = [] }) => functions),
  )
  return [own, compile(model).database]
}

/** The hash that a migration to the design of a model records, by this version of Plinth. */
export function schemaHash(model: Model): string {
  return hashOf(databasesOf(model), ownPackage().version)
}
