/**
 * Builds JSON in the way that is fastest in PostgreSQL: an object is a concatenation of constant texts and the texts of its values.
 * `row_to_json` looks up the type of each column for each row; it takes 25 % more time on pages of ten rows, and 75 % more on rows that are
 * nested three levels deep (bench/, list and tree).
 */

import { empty, literal, type Sql, sql } from '../../../base/sql/sql.ts'
import { unreachable } from '../../../base/unreachable.ts'

/**
 * A JSON value that is being built. Any column may hold null while another version of the design is rolled out, and one NULL would make the
 * whole concatenation NULL; so every value has JSON's null as its fallback.
 */
export type Json =
  | { readonly kind: 'known'; readonly value: string | boolean }
  /** An expression whose text is JSON. */
  | { readonly kind: 'spelled'; readonly value: Sql }
  /** An expression whose text needs no escaping in a JSON string, because of the type of the column. */
  | { readonly kind: 'characters'; readonly value: Sql }
  /** The items of an array, with commas between them; null for none. */
  | { readonly kind: 'items'; readonly value: Sql }
  /** The items of an array, its closing bracket, and members of the object that follow it; null for no items and no members. */
  | { readonly kind: 'list'; readonly value: Sql }

/** An object of the given members, in their order, as a text that is never null. */
export function objectText(members: readonly (readonly [string, Json])[]): Sql {
  const values: Sql[] = []
  let known = '{'
  for (const [i, [key, json]] of members.entries()) {
    const { before, value, after } = around(json)
    known += `${i === 0 ? '' : ','}${JSON.stringify(key)}:${before}`
    if (value === null) continue
    values.push(literal(known), value)
    known = after
  }
  return concatenated([...values, literal(`${known}}`)])
}

/** A member of an object that may be left out. */
export interface SparseMember {
  readonly name: string
  readonly json: Json
  /** Whether the member is left out where its value is null. */
  readonly absent: boolean
}

/** An object without the members that are null and may be left out, in their order, as a text that is never null. */
export function sparseObjectText(members: readonly SparseMember[]): Sql {
  const texts = members.map(({ name, json, absent }) => {
    const key = literal(`,${JSON.stringify(name)}:`)
    return absent ? sql`coalesce(${key} || ${nullableText(json)}, '')` : sql`(${key} || ${valueText(json)})`
  })
  // Each text begins with a comma, and the first comma is left out.
  return sql`('{' || substr(${concatenated(texts)}, 2) || '}')`
}

/** A value by itself, as a text that is null where the value is null. */
function nullableText(json: Json): Sql {
  switch (json.kind) {
    case 'spelled':
      return sql`(${json.value})::text`
    case 'characters':
      return sql`('"' || (${json.value})::text || '"')`
    case 'known':
    case 'items':
    case 'list':
      return valueText(json)
    default:
      return unreachable(json)
  }
}

/** Members of a JSON object in the order of their keys. */
export function inOrder<M extends readonly [string, unknown]>(members: readonly M[], keys: readonly string[]): readonly M[] {
  const byKey = new Map(members.map((member) => [member[0], member]))
  return keys.map((key) => {
    const member = byKey.get(key)
    if (member === undefined) throw new Error(`the answer has no member ${key}`)
    return member
  })
}

/** A value by itself, as a text that is never null. */
export function valueText(json: Json): Sql {
  const { before, value, after } = around(json)
  return concatenated([literal(before), ...(value === null ? [] : [value]), literal(after)])
}

/** An array of items, as a text that is never null. */
export function arrayText(items: Sql): Sql {
  return sql`'[' || coalesce(${items}, '') || ']'`
}

/** A value as text, with the constant texts before and after it. */
function around(json: Json): { readonly before: string; readonly value: Sql | null; readonly after: string } {
  switch (json.kind) {
    case 'known':
      return { before: JSON.stringify(json.value), value: null, after: '' }
    case 'spelled':
      return { before: '', value: sql`coalesce((${json.value})::text, 'null')`, after: '' }
    case 'characters':
      return { before: '', value: sql`coalesce('"' || (${json.value})::text || '"', 'null')`, after: '' }
    case 'items':
      return { before: '[', value: sql`coalesce(${json.value}, '')`, after: ']' }
    case 'list':
      return { before: '[', value: sql`coalesce(${json.value}, ']')`, after: '' }
    default:
      return unreachable(json)
  }
}

/** Concatenates by halves, so that a long text is copied log2(n) times rather than once for each following piece. */
function concatenated(texts: readonly Sql[]): Sql {
  const half = Math.ceil(texts.length / 2)
  return texts.length < 2 ? (texts[0] ?? empty) : sql`(${concatenated(texts.slice(0, half))} || ${concatenated(texts.slice(half))})`
}
