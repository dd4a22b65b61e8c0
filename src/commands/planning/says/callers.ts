/** Whom a rule names: a role, the author of the row, or everybody who is signed in. */

import type { Predicate, RowPath, Term } from '../../../model/expression.ts'
import type { Model } from '../../../model/model.ts'
import { conditionWords, fieldWords, isCaller, rowWords } from './words.ts'

/** The callers that one condition names, such as `role admin` or `its author`; null if it is a condition on something else. */
export function namedCallers(p: Predicate, model: Model): string | null {
  switch (p.kind) {
    case 'not':
      return p.of.kind === 'missing' && isCaller(p.of.of) ? 'everyone who is signed in' : null
    case 'compare':
      return p.op === '=' ? (callerIs(p.left, p.right, model) ?? callerIs(p.right, p.left, model)) : null
    case 'member':
      return rolesIn(p.of, p.list)
    case 'some':
      return memberOf(p)
    case 'can':
      return `whoever may ${p.operation} ${rowWords(p.row)}`
    case 'holds':
      return namedCallers(p.of, model)
    default:
      return null
  }
}

/** The callers of a rule, and the further conditions; null if a part has no words. */
export interface Granted {
  readonly callers: string
  readonly conditions: readonly string[]
}

/** Splits the conditions that must all hold into callers and the rest. */
export function grantedBy(conditions: readonly Predicate[], model: Model): Granted | null {
  let callers: string | null = null
  const rest: string[] = []
  for (const one of conditions) {
    const named = namedCallers(one, model)
    if (named !== null && callers === null) {
      callers = named
      continue
    }
    const words = named === null ? conditionWords(one) : `the caller is also ${named}`
    if (words === null) return null
    rest.push(words)
  }
  // Without callers a rule lets everybody in, also who is not signed in.
  return { callers: callers ?? 'anyone', conditions: rest }
}

function callerIs(auth: Term, value: Term, { identity }: Model): string | null {
  if (auth.kind !== 'auth') return null
  if (value.kind === 'literal' && auth.claim === 'role') return `role ${value.value}`
  if (value.kind !== 'field' || value.row.binding !== 'row') return null
  if (!isCaller(auth)) return `callers whose ${auth.claim} is ${place(value.row, value.field)}`
  if (value.row.hops.length === 0 && value.field === 'id')
    return value.row.entity === identity?.entity ? `the ${value.row.entity} itself` : null
  return place(value.row, value.field)
}

function place(row: RowPath, field: string): string {
  return row.hops.length === 0 ? `its ${field}` : fieldWords(row, field)
}

function rolesIn(of: Term, list: Term): string | null {
  if (of.kind !== 'auth' || of.claim !== 'role') return null
  const values =
    list.kind === 'literal' ? list.value : list.kind === 'list' ? list.of.map((one) => (one.kind === 'literal' ? one.value : null)) : null
  if (!Array.isArray(values) || values.includes(null)) return null
  const names = values.map(String)
  return names.length === 1 ? `role ${names[0]}` : `roles ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** `members.exists(m, m.user == auth.id)`: the user of at least one of its members. */
function memberOf({ over, as, where }: Extract<Predicate, { kind: 'some' | 'every' }>): string | null {
  if (over.via === null || where.kind !== 'compare' || where.op !== '=' || over.of.binding !== 'row') return null
  const [auth, value] = where.left.kind === 'auth' ? [where.left, where.right] : [where.right, where.left]
  if (!isCaller(auth) || value.kind !== 'field' || value.row.binding !== as) return null
  const whose = over.of.hops.length === 0 ? 'its' : `the`
  const behind = over.of.hops.length === 0 ? '' : ` of ${rowWords(over.of)}`
  const names = [...value.row.hops.map(({ field }) => field), ...(value.field === 'id' ? [] : [value.field])].reverse()
  return `the ${names.join(' of the ')} of at least one of ${whose} ${over.relation}${behind}`
}
