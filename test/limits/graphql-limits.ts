/** The limits of GraphQL documents. */

import { Lexer, Source, TokenKind } from 'graphql'
import { LIMITS } from '../../src/base/limits.ts'
import { answered, refused, type TryLimit, times } from './limits-world.ts'

/** Tries a document at a limit, and one above it. */
const tried =
  (limit: number, make: (n: number) => string): TryLimit =>
  async ({ graphql }) => {
    answered(await graphql(make(limit)))
    refused(await graphql(make(limit + 1)), 400, 'query_too_large')
  }

export const graphqlBytes = tried(LIMITS.graphqlBytes, (bytes) => '{ as { nodes { id } } } '.padEnd(bytes, '#'))

function tokensOf(text: string): number {
  const lexer = new Lexer(new Source(text))
  let count = 0
  while (lexer.advance().kind !== TokenKind.EOF) count++
  return count
}

export const graphqlTokens = tried(LIMITS.graphqlTokens, (tokens) => {
  const list = (from: number, items: number) => `[${times(Math.max(0, Math.min(items - from, LIMITS.filterItems)), (i) => i)}]`
  const document = (n: number) => `{ keys(filter: { k1: { in: ${list(0, n)}, nin: ${list(LIMITS.filterItems, n)} } }) { nodes { id } } }`
  return document(tokens - tokensOf(document(0)))
})

/** `edges` and its `node` are one level, a page and its `nodes` two. */
export const graphqlDepth = tried(LIMITS.graphqlDepth, (levels) => {
  const up = (n: number): string =>
    n === 1 ? 'id' : `up { ${n === 2 ? 'id' : `bs { ${n === 3 ? 'totalCount' : `nodes { ${up(n - 3)} }`} }`} }`
  return `{ bs { nodes { ${up(levels - 2)} } } }`
})

export const graphqlIntrospectionDepth = tried(LIMITS.graphqlIntrospectionDepth, (levels) => {
  const type = (n: number): string => (n === 1 ? 'name' : `ofType { ${type(n - 1)} }`)
  return `{ __type(name: "A") { ${type(levels)} } }`
})

export const graphqlAliases = tried(LIMITS.graphqlAliases, (n) => `{ as { nodes { ${times(n, (i) => `x${i}: id`).join(' ')} } } }`)

export const graphqlFields = tried(LIMITS.graphqlFields, (n) => `{ as { nodes { ${times(n - 2, () => 'id').join(' ')} } } }`)

export const graphqlDirectives = tried(
  LIMITS.graphqlDirectives,
  (n) => `{ as { nodes { ${times(n, () => 'id @include(if: true)').join(' ')} } } }`,
)

export const graphqlRoots = tried(LIMITS.graphqlRoots, (n) => `{ ${times(n, () => '__typename').join(' ')} }`)
