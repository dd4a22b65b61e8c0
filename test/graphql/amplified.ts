/** Short documents with very large answers, as bodies of requests to `examples/blog`, keyed by the excessive part. */

const times = (n: number, make: (i: number) => string, separator = ' ') => Array.from({ length: n }, (_, i) => make(i)).join(separator)

/** Nested fields of a row of `Post`, with the given number of levels. */
export const nested = (levels: number): string => (levels === 0 ? 'id' : `author { posts { nodes { ${nested(levels - 1)} } } }`)

const DOCUMENTS: Readonly<Record<string, string>> = {
  'many aliases': `{ ${times(300, (i) => `a${i}: __typename`)} }`,
  'many aliases of a list': `{ ${times(16, (i) => `a${i}: users { nodes { id } }`)} }`,
  'one field over and over': `{ users { nodes { ${times(900, () => 'id')} } } }`,
  'great depth': `{ posts { nodes { ${nested(8)} } } }`,
  'fragments in a circle': '{ users { nodes { ...A } } } fragment A on User { id ...B } fragment B on User { name ...A }',
  'fragments that fan out': `{ users { nodes { ...F0 } } } ${times(20, (i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} ...F${i + 1} }`)} fragment F20 on User { id }`,
  'directives over and over': `{ users { nodes { id ${times(200, () => '@skip(if: false)')} } } }`,
  'a megabyte': `{ users { nodes { id } } } # ${'x'.repeat(1_000_000)}`,
  'fifty thousand tokens': `{${times(50_000, () => 'a', ',')}}`,
  'many tokens in few bytes': `{ users { nodes { ${times(2_000, () => 'id')} } } }`,
  'deep introspection': '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }',
  'introspection of lists in lists': '{ __schema { types { fields { args { type { inputFields { name } } } } } } }',
  'introspection over and over': `{ __schema { ${times(14, (i) => `a${i}: types { name fields { name } }`)} } }`,
  'many root fields': `{ ${times(30, (i) => `${i === 0 ? '' : `a${i % 14}: `}__typename`)} }`,
}

/** Request bodies as JSON texts. */
export const AMPLIFIED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(DOCUMENTS).map(([name, query]) => [name, JSON.stringify({ query })])),
  'a batch': `[${times(50, () => '{"query":"{ users { nodes { id } } }"}', ',')}]`,
}
