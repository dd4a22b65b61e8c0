/** Documents that are known beforehand, checked before anybody asks for them. */

import type { GraphqlApi } from '../../../compile/graphql/schema.ts'
import { graphqlSchemas } from '../../../compile/graphql/schemas.ts'
import { wholeView, withoutReadRules } from '../../../compile/rules/whole-view.ts'
import type { Model } from '../../../model/model.ts'
import { compileDocument, openDocumentCache } from './document.ts'
import { GraphqlRefusal, type Problem } from './problem.ts'

/** What is wrong with one document. */
export interface DocumentFinding {
  /** The document's id. */
  readonly id: string
  /** Where in the document's text; null when it is about the whole. */
  readonly at: { readonly line: number; readonly column: number } | null
  readonly message: string
}

/**
 * What is wrong with documents whoever asks: they are no GraphQL, ask for what the schema does not have for anybody, or are over a limit. A document that is
 * right for some callers is right. In the order of the documents.
 */
export function documentFindings(model: Model, documents: ReadonlyMap<string, string>): readonly DocumentFinding[] {
  const { forView } = graphqlSchemas(model)
  const whole = wholeView(model)
  // What a rule may hide can be null, and fields of one key must agree on that: callers differ in it, so being right for one extreme is enough.
  const apis = [whole, withoutReadRules(whole)].map((view) => forView(view))
  return [...documents].flatMap(([id, text]) => {
    const problems = apis.map((api) => problemsOf(text, api))
    return problems.some((found) => found.length === 0) ? [] : (problems[0] ?? []).map((problem) => findingOf(id, problem))
  })
}

function problemsOf(text: string, api: GraphqlApi): readonly Problem[] {
  try {
    compileDocument(openDocumentCache(), { text, apiOf: () => api, variant: '', telling: 'all' })
    return []
  } catch (error) {
    if (error instanceof GraphqlRefusal) return error.problems
    throw error
  }
}

function findingOf(id: string, { message, locations }: Problem): DocumentFinding {
  return { id, at: locations?.[0] ?? null, message }
}
