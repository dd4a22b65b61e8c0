/** The GraphQL schemas of a model, one for each kind of caller. */

import { LIMITS } from '../../base/limits.ts'
import { lru } from '../../base/lru.ts'
import { memo, recall } from '../../base/memo.ts'
import type { Model } from '../../model/model.ts'
import type { View } from '../rules/view.ts'
import { graphqlNames } from './names.ts'
import { type GraphqlApi, graphqlApi } from './schema.ts'

/** The GraphQL schemas of a model. */
export interface GraphqlSchemas {
  /** Makes the schema of a view. */
  readonly forView: (view: View) => GraphqlApi
  /** The schema of a kind of caller, by its key. The 50 most recently used schemas are kept. */
  readonly forVariant: (variant: { readonly key: string; readonly view: View }) => GraphqlApi
}

/** The number of schemas that are kept. */
const MAX_SCHEMAS = 50

/** The schemas of a model; each is made when it is first asked for. The same model gives the same value. */
export const graphqlSchemas: (model: Model) => GraphqlSchemas = memo((model: Model): GraphqlSchemas => {
  const names = graphqlNames(model)
  const kept = lru<GraphqlApi>(MAX_SCHEMAS)
  const forView = (view: View): GraphqlApi => graphqlApi(view, names, LIMITS)
  return { forView, forVariant: ({ key, view }) => recall(kept, key, () => forView(view)) }
})
