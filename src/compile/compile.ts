/** Everything that follows from a model, as one value. */

import { LIMITS } from '../base/limits.ts'
import { lru } from '../base/lru.ts'
import { memo, recall } from '../base/memo.ts'
import type { Contract } from '../model/address/contract.ts'
import type { Caller } from '../model/caller.ts'
import type { Database } from '../model/database.ts'
import type { Model } from '../model/model.ts'
import { endpointsOf, type NamedEndpoint } from './endpoints/endpoints.ts'
import type { GraphqlSchemas } from './graphql/schemas.ts'
import { openapi } from './openapi/openapi.ts'
import { variantKey } from './rules/specialise.ts'
import { type ConstraintFact, constraintFacts, desiredDatabase } from './tables/tables.ts'

/** Each part is made when it is first read, and kept. */
export interface Compiled {
  readonly model: Model
  /** Every endpoint, including those for development. */
  readonly endpoints: readonly NamedEndpoint[]
  /** The schema that the design's tables should have. */
  readonly database: Database
  /** The meaning of each constraint of the tables, by `factKey`. */
  readonly constraints: ReadonlyMap<string, ConstraintFact>
  /**
   * The OpenAPI document as JSON: of the whole API (`all`), or of the part that one caller can reach. The 20 most recently used texts are
   * kept. With a contract, it is the contract for every caller.
   */
  readonly openapi: (reach: 'all' | Caller) => string
  /** The GraphQL schemas. The first call loads the library, in some tenths of a second; after a rejection the next call tries again. */
  readonly graphql: () => Promise<GraphqlSchemas>
}

/** Version of the API in the OpenAPI document. */
const API_VERSION = '1.0.0'
const MAX_DOCUMENTS = 20

/** Compiles a model: the same model gives the same value. */
export const compile: (model: Model) => Compiled = memo((model: Model): Compiled => {
  const documents = lru<string>(MAX_DOCUMENTS)
  return {
    model,
    endpoints: endpointsOf(model),
    get database() {
      return databaseOf(model)
    },
    get constraints() {
      return constraintsOf(model)
    },
    openapi: (reach) => {
      if (model.contract !== null) return contractText(model.contract)
      const key = reach === 'all' ? 'all' : `caller ${variantKey(model, reach)}`
      return recall(documents, key, () => JSON.stringify(openapi(model, { reach, version: API_VERSION, limits: LIMITS })))
    },
    graphql: async () => (await import('./graphql/schemas.ts')).graphqlSchemas(model),
  }
})

/** The contract as JSON. It is published, so each caller gets the whole. */
const contractText = memo(({ document }: Contract): string => JSON.stringify(document))
const databaseOf = memo((model: Model) => desiredDatabase(model))
const constraintsOf = memo(constraintFacts)
