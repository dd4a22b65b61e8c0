/** Says which results of steps the events of actions keep: those that their reactions name, and all if code reacts, which may use any. */

import { ACTION_ROW, type Action } from '../../model/action.ts'
import { eventStepOf } from '../../model/action-tree.ts'
import type { LoggedResult, Predicate, RowPath, RowSet, Term } from '../../model/expression.ts'
import type { Mail, MailValue } from '../../model/mail.ts'
import type { ModelEvent, Reaction } from '../../model/reaction.ts'
import { mapPredicate, mapTerm, type Parts } from '../../model/tree.ts'
import type { NamedValue } from '../expression/scope.ts'
import type { NamesOfActions } from './event-names.ts'

/** The actions, each with the results that its event keeps. */
export function withLoggedResults(
  actions: readonly Action[],
  { events, names }: { readonly events: readonly ModelEvent[]; readonly names: NamesOfActions },
): readonly Action[] {
  return actions.map((action) => {
    const event = events.find(({ entity, happening }) => entity === action.entity && happening === action.name)
    const step = eventStepOf(action)
    if (event === undefined || step === undefined) return action
    const known = names.get(`${event.entity}.${event.happening}`)?.names ?? new Map<string, NamedValue>()
    const named = usedBy(event.reactions)
    const used = event.reactions.some(({ kind }) => kind === 'run') ? { ...named, names: new Set(known.keys()) } : named
    const results = [...known].flatMap(([name, value]) => (name === ACTION_ROW ? [] : resultOf(name, value, used)))
    return results.length === 0 ? action : { ...action, steps: action.steps.map((each) => (each === step ? { ...step, results } : each)) }
  })
}

/** The names that reactions use, and the terms that count the rows of a `list`. */
interface Used {
  readonly names: ReadonlySet<string>
  readonly totals: ReadonlyMap<string, Term>
}

function resultOf(name: string, value: NamedValue, { names, totals }: Used): readonly LoggedResult[] {
  if (!names.has(name)) return []
  switch (value.kind) {
    case 'row':
      return [{ name, of: { kind: 'row', row: value.path } }]
    case 'rows':
      return [{ name, of: { kind: 'rows', rows: value.set, total: totals.get(name) ?? null } }]
    case 'item':
      return [{ name, of: { kind: 'items', items: { kind: 'item', type: value.type, binding: value.binding } } }]
    default:
      return []
  }
}

function usedBy(reactions: readonly Reaction[]): Used {
  const names = new Set<string>()
  const totals = new Map<string, Term>()
  const parts: Parts = {
    predicate: (p) => mapPredicate(p, parts),
    term: (t) => {
      if (t.kind === 'item') names.add(t.binding)
      if (t.kind === 'count' && t.over.via === null && t.over.beyond) totals.set(t.over.of.binding, t)
      return mapTerm(t, parts)
    },
    row: (row) => {
      names.add(row.binding)
      return row
    },
  }
  for (const reaction of reactions) {
    for (const one of expressionsOf(reaction)) {
      if ('type' in one) parts.term(one)
      else if ('binding' in one) parts.row(one)
      else parts.predicate(one)
    }
  }
  return { names, totals }
}

/** All expressions of a reaction, and the rows that it names outside of expressions. */
function expressionsOf(reaction: Reaction): readonly (Predicate | Term | RowPath)[] {
  const when = reaction.when === null ? [] : [reaction.when]
  const account = !('as' in reaction) || reaction.as.kind === 'system' ? [] : [reaction.as.row]
  const called =
    reaction.kind === 'call' ? [...(reaction.on === null ? [] : [reaction.on]), ...reaction.inputs.map(({ value }) => value)] : []
  const mail = reaction.kind === 'email' ? expressionsOfMail(reaction.mail) : []
  return [...when, ...account, ...called, ...mail]
}

function expressionsOfMail({ to, language, values, blocks }: Mail): readonly (Term | RowPath)[] {
  const tables = blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : []))
  const shown = [...values, ...tables.flatMap((table) => table.values)]
  return [to, ...(language === null ? [] : [language]), ...shown.map(shownBy), ...tables.map(({ over }) => rowOf(over))]
}

function shownBy(value: MailValue): Term | RowPath {
  return value.kind === 'term' ? value.term : value.row
}

function rowOf({ of }: RowSet): RowPath {
  return of
}
