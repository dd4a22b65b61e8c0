/** Forms of one document: however a page is asked for, the rows are the same (GraphQL, sections 2 and 3.13; Relay cursor connections). */

import type { PageFacts } from './page-facts.ts'

/** A document, and the data that must be answered. */
export interface DocumentForm {
  readonly goal: string
  readonly body: {
    readonly query: string
    readonly variables?: Readonly<Record<string, unknown>>
    readonly operationName?: string | null
  }
  /** Null for a document that must be refused as a whole. */
  readonly data: unknown
}

const SIZE = 2

/** All forms for a page. */
export function documentForms(facts: PageFacts): readonly DocumentForm[] {
  const { many, types } = facts
  const order = 'orderBy: [{ id: ASC }]'
  const page = `${many}(first: ${SIZE}, ${order})`
  const rows = facts.rows.map(({ id }) => ({ id }))
  const first = rows.slice(0, SIZE)
  const plain = { [many]: { nodes: first } }
  const typed = first.map((row) => ({ __typename: types.row, ...row }))
  const form = (goal: string, query: string, data: unknown, more: Omit<DocumentForm['body'], 'query'> = {}): DocumentForm => ({
    ...{ goal, data },
    body: { query, ...more },
  })
  const two = `query A { a: ${page} { nodes { id } } } query B { b: ${page} { nodes { id } } }`
  const switched = `query ($yes: Boolean!) { ${page} { nodes { id @include(if: $yes) version @skip(if: $yes) } } }`
  return [
    form('plain', `{ ${page} { nodes { id } } }`, plain),
    form('edges', `{ ${page} { edges { node { id } } } }`, { [many]: { edges: first.map((node) => ({ node })) } }),
    form('type-names', `{ __typename ${page} { __typename nodes { __typename id } } }`, {
      __typename: 'Query',
      [many]: { __typename: types.page, nodes: typed },
    }),
    form('aliases', `{ a: ${page} { b: nodes { c: id d: id } } }`, { a: { b: first.map(({ id }) => ({ c: id, d: id })) } }),
    form(
      'fragments',
      `{ ${page} { ...page } } fragment page on ${types.page} { nodes { ...row } } fragment row on ${types.row} { id }`,
      plain,
    ),
    form('inline-fragments', `{ ... on Query { ${page} { ... { nodes { ... on ${types.row} { id } } } } } }`, plain),
    form('fragment-twice', `{ ${page} { nodes { ...row ...row id } } } fragment row on ${types.row} { id }`, plain),
    form('merged', `{ ${page} { nodes { id } } ${page} { nodes { __typename } } }`, {
      [many]: { nodes: first.map((row) => ({ ...row, __typename: types.row })) },
    }),
    form('skipped', `{ ${page} { nodes { id __typename @skip(if: true) } totalCount @include(if: false) } }`, plain),
    form('switched-on', switched, plain, { variables: { yes: true } }),
    form('switched-off', `query ($yes: Boolean!) { ${page} { nodes { id __typename @include(if: $yes) } } }`, plain, {
      variables: { yes: false },
    }),
    form('switch-default', `query ($yes: Boolean = false) { ${page} { nodes { id __typename @include(if: $yes) } } }`, plain),
    form('variable-default', `query ($n: Int = ${SIZE}) { ${many}(first: $n, ${order}) { nodes { id } } }`, plain),
    form('variable-over-default', `query ($n: Int = 1) { ${many}(first: $n, ${order}) { nodes { id } } }`, plain, {
      variables: { n: SIZE },
    }),
    form('null-variables', `{ ${page} { nodes { id } } }`, plain, { variables: {} }),
    form('named', two, { b: { nodes: first } }, { operationName: 'B' }),
    form('unnamed-of-two', two, null),
    form('unknown-name', two, null, { operationName: 'C' }),
    form('unknown-name-of-one', `query A { ${page} { nodes { id } } }`, null, { operationName: 'B' }),
    form('name-of-one', `query A { ${page} { nodes { id } } }`, plain, { operationName: 'A' }),
    form('no-rows', `{ ${many}(first: 0, ${order}) { nodes { id } } }`, { [many]: { nodes: [] } }),
    form('count', `{ ${page} { totalCount } }`, { [many]: { totalCount: rows.length } }),
    form('descending', `{ ${many}(first: ${SIZE}, orderBy: [{ id: DESC }]) { nodes { id } } }`, {
      [many]: { nodes: rows.toReversed().slice(0, SIZE) },
    }),
    form('order-twice', `{ ${many}(orderBy: [{ id: ASC }, { id: DESC }]) { nodes { id } } }`, null),
    form('missing-variable', `query ($n: Int!) { ${many}(first: $n) { nodes { id } } }`, null),
    form('unknown-variable', `{ ${many}(first: $n) { nodes { id } } }`, null),
    form('wrong-variable', `query ($n: Int) { ${many}(first: $n) { nodes { id } } }`, null, { variables: { n: '2' } }),
    form('fragment-of-another-type', `{ ${page} { ...page } } fragment page on Query { __typename }`, null),
    form('no-members', `{ ${page} { nodes } }`, null),
    form('members-of-a-scalar', `{ ${page} { nodes { id { id } } } }`, null),
    ...rowForms(facts),
    ...filterForms(facts),
  ]
}

/** Forms that ask for one row. */
function rowForms({ ids: [id = '', other = ''], one, types, nodeId, rows }: PageFacts): readonly DocumentForm[] {
  const value = rows[0]?.id
  const literal = (text: string): string => (typeof value === 'number' ? text : JSON.stringify(text))
  const absent = typeof value === 'number' ? '987654321' : '01900000-0000-7000-8000-00000000dead'
  const global = (type: string, key: string): string => Buffer.from(`${type}:${key}`).toString('base64url')
  const idOf = (key: string): unknown => (typeof value === 'number' ? Number(key) : key)
  const node = (goal: string, text: string, data: unknown): DocumentForm => ({
    goal: `node-${goal}`,
    body: { query: `query ($id: ID!) { node(id: $id) { __typename ... on ${types.row} { id } } }`, variables: { id: text } },
    data: { node: data },
  })
  const found = { __typename: types.row, id: idOf(id) }
  return [
    { goal: 'one', body: { query: `{ ${one}(id: ${literal(id)}) { id } }` }, data: { [one]: { id: idOf(id) } } },
    { goal: 'one-absent', body: { query: `{ ${one}(id: ${literal(absent)}) { id } }` }, data: { [one]: null } },
    {
      goal: 'two-rows',
      body: { query: `{ a: ${one}(id: ${literal(id)}) { id } b: ${one}(id: ${literal(other)}) { id } }` },
      data: { a: { id: idOf(id) }, b: { id: idOf(other) } },
    },
    {
      goal: 'variable-id',
      body: { query: `query ($id: ${types.id}!) { ${one}(id: $id) { id } }`, variables: { id: idOf(other) } },
      data: { [one]: { id: idOf(other) } },
    },
    ...(nodeId === null
      ? []
      : [
          node('found', global(types.row, id), found),
          node('absent', global(types.row, absent), null),
          node('of-no-type', global('NothingOfThisName', id), null),
          node('of-no-form', 'x', null),
          {
            goal: 'node-id',
            body: { query: `{ ${one}(id: ${literal(id)}) { ${nodeId} } }` },
            data: { [one]: { [nodeId]: global(types.row, id) } },
          },
        ]),
  ]
}

/** Forms of one filter: the same rows, or all others. */
function filterForms({ ids, many, types, rows }: PageFacts): readonly DocumentForm[] {
  const known = ids.slice(0, 100)
  const [a = '', b = '', c = ''] = known
  const only = (key: string) => ({ id: { eq: key } })
  const forms: readonly (readonly [goal: string, filter: unknown, found: readonly string[]])[] = [
    ['or', { or: [only(a), only(c)] }, [a, c]],
    ['and', { and: [{ id: { in: [a, b] } }, { id: { in: [b, c] } }] }, [b]],
    ['not', { id: { in: known }, not: only(b) }, known.filter((id) => id !== b)],
    ['not-not', { id: { in: known }, not: { not: only(b) } }, [b]],
    ['not-or', { id: { in: known }, not: { or: [only(a), only(b)] } }, known.filter((id) => id !== a && id !== b)],
    ['not-and', { id: { in: [a, b, c] }, not: { and: [only(a), only(b)] } }, [a, b, c]],
    ['two-operators', { id: { in: [a, b, c], ne: b } }, [a, c]],
    ['nin', { id: { in: [a, b, c], nin: [a, c] } }, [b]],
    ['no-items', { id: { in: [] } }, []],
  ]
  const query = `query ($f: ${types.filter}) { ${many}(first: 100, filter: $f, orderBy: [{ id: ASC }]) { nodes { id } } }`
  return forms.map(([goal, filter, found]) => ({
    goal: `filter-${goal}`,
    body: { query, variables: { f: filter } },
    data: { [many]: { nodes: rows.filter(({ id }) => found.includes(String(id))).map(({ id }) => ({ id })) } },
  }))
}
