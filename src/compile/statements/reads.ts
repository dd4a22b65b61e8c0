/** Finds the entities whose rows a rule or an answer reads, apart from its own row. */

import { unreachable } from '../../base/unreachable.ts'
import type { Predicate, RowPath, Term } from '../../model/expression.ts'
import { rowBefore } from '../../model/expression.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { ruleFor } from '../../model/predicate.ts'
import { visitPredicate, visitTerm } from '../../model/tree.ts'
import type { ConnectionPlan, Extra, Include, Output } from './plan.ts'

/** Names of entities. */
export type Reads = ReadonlySet<string>

/** The entities whose rows a predicate reads, apart from its own row. */
export function rowsRead(model: Model, predicate: Predicate): Reads {
  const reads = new Set<string>()
  const cans = new Set<string>()
  const visitor = {
    predicate: (p: Predicate): void => {
      if (p.kind === 'some' || p.kind === 'every') {
        reads.add(p.over.entity)
        addPath(model, { row: p.over.of, field: 'id' }, reads)
      } else if (p.kind === 'can') {
        reads.add(p.row.entity)
        addPath(model, { row: p.row, field: 'id' }, reads)
        const name = `${p.operation} ${p.row.entity}`
        if (cans.has(name)) return
        cans.add(name)
        visitPredicate(ruleFor(entityNamed(model, p.row.entity), p.operation), visitor)
      }
    },
    term: (t: Term): void => {
      if (t.kind === 'field') addPath(model, t, reads)
      else if (t.kind === 'count' || t.kind === 'aggregate') {
        reads.add(t.over.entity)
        addPath(model, { row: t.over.of, field: 'id' }, reads)
      }
    },
  }
  visitPredicate(predicate, visitor)
  return reads
}

/**
 * Adds the entities of the rows on a path to a field. An id at the end of the path is known from the reference, so that its row is not
 * read.
 */
function addPath(model: Model, { row, field }: { readonly row: RowPath; readonly field: string }, reads: Set<string>): void {
  const before = rowBefore(row)
  if (before === null) return
  if (field !== 'id' || entityNamed(model, row.entity).softDelete) reads.add(row.entity)
  addPath(model, { row: before, field: row.hops.at(-1)?.field ?? 'id' }, reads)
}

/** The entities whose rows an answer shows, or reads to decide what to show, apart from its own row. */
export function rowsShown(model: Model, output: Output): Reads {
  const reads = new Set<string>()
  addOutput(model, output, reads)
  return reads
}

function addOutput(model: Model, { fields, includes, extras = [] }: Output, reads: Set<string>): void {
  for (const { visible, value } of fields) {
    addRule(model, visible, reads)
    if (value !== undefined) addRule(model, { kind: 'missing', of: value }, reads)
  }
  for (const include of includes) addInclude(model, include, reads)
  for (const extra of extras) addExtra(model, extra, reads)
}

function addExtra(model: Model, extra: Extra, reads: Set<string>): void {
  switch (extra.kind) {
    case 'constant':
      return
    case 'global-id':
      addRule(model, extra.visible, reads)
      return
    case 'row':
      addOutput(model, extra.output, reads)
      return
    default:
      unreachable(extra)
  }
}

function addInclude(model: Model, include: Include, reads: Set<string>): void {
  if (include.kind === 'connection') {
    addConnection(model, include.connection, reads)
    return
  }
  if (include.kind === 'to-one') addRule(model, include.refVisible, reads)
  reads.add(include.output.entity.name)
  addRule(model, include.visible, reads)
  addOutput(model, include.output, reads)
}

function addConnection(model: Model, connection: ConnectionPlan, reads: Set<string>): void {
  reads.add(connection.entity.name)
  for (const rule of [connection.visible, connection.filter]) addRule(model, rule, reads)
  for (const field of connection.search?.fields ?? []) addRule(model, field.visible, reads)
  for (const { term } of connection.order) visitTerm(term, { term: (t) => (t.kind === 'field' ? addPath(model, t, reads) : undefined) })
  for (const member of connection.members) {
    if (member.kind === 'nodes') addOutput(model, member.output, reads)
    if (member.kind !== 'edges') continue
    for (const inner of member.members) if (inner.kind === 'node') addOutput(model, inner.output, reads)
  }
}

function addRule(model: Model, rule: Predicate, reads: Set<string>): void {
  for (const name of rowsRead(model, rule)) reads.add(name)
}
