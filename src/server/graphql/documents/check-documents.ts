/** Checks GraphQL documents before the server starts, without a caller. */

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
  /** The position in the document's text; null when the problem concerns the whole document. */
  readonly at: { readonly line: number; readonly column: number } | null
  readonly message: string
}

/**
 * Finds documents that are invalid for every caller: text that is not GraphQL, names that no caller's schema has, sizes over a limit. A
 * document that is valid for some callers is valid. Findings have the order of the documents.
 */
export function documentFindings(model: Model, documents: ReadonlyMap<string, string>): readonly DocumentFinding[] {
  const { forView } = graphqlSchemas(model)
  const whole = wholeView(model)
  // GraphQL requires the same nullability of all fields with one key. A field is nullable for callers from whom a rule may hide it, so a
  // document may be valid for some callers only. It is checked for the two extremes, with and without read rules, and one is enough.
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
