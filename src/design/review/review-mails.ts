/** Reviews mails: a mail is made without access rules, so it may show what its recipient may not read. */

import type { Predicate, RowPath, Term } from '../../model/expression.ts'
import { rootRow } from '../../model/expression.ts'
import type { Mail, MailBlock, MailValue } from '../../model/mail.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { mailsOf } from '../../model/reaction.ts'
import { visitTerm } from '../../model/tree.ts'
import type { Report } from '../findings/report.ts'

/** Adds a warning for each field with a read rule of its own that is not sure to hold for the recipient. */
export function reviewMails(model: Model, report: Report): void {
  const seen = new Set<string>()
  for (const mail of mailsOf(model)) {
    for (const { row, field, read } of mail.blocks
      .flatMap(valuesOfBlock)
      .concat(mail.values)
      .flatMap((value) => shownBy(value, model))) {
      if (isAlways(read) || holdsFor(read, row, { mail, model })) continue
      const message = `the mail ${JSON.stringify(mail.template)} shows ${row.entity}.${field}, which its recipient may not be allowed to read`
      if (!seen.has(message)) report.add('PLN-D646', ['integrations', 'email', 'templates', mail.template], message)
      seen.add(message)
    }
  }
}

function valuesOfBlock(block: MailBlock): readonly MailValue[] {
  return block.kind === 'table' ? block.table.values : []
}

interface Shown {
  readonly row: RowPath
  readonly field: string
  readonly read: Predicate
}

/** The fields in a value, with their read rules. A token is shown by mails alone. */
function shownBy(value: MailValue, model: Model): readonly Shown[] {
  if (value.kind === 'token') return []
  const shown: Shown[] = []
  visitTerm(value.term, {
    term: (term) => {
      if (term.kind !== 'field' && term.kind !== 'derived') return
      const { fields, derived } = entityNamed(model, term.row.entity)
      const found = [...fields, ...derived].find(({ name }) => name === term.field)
      if (found !== undefined) shown.push({ row: term.row, field: term.field, read: found.read })
    },
  })
  return shown
}

/** Whether a rule about a row surely holds for the recipient: it says that a reference of the row, or the row itself, is the caller. */
function holdsFor(rule: Predicate, row: RowPath, of: { readonly mail: Mail; readonly model: Model }): boolean {
  switch (rule.kind) {
    case 'const':
      return rule.value === true
    case 'any':
      return rule.of.some((each) => holdsFor(each, row, of))
    case 'all':
      return rule.of.every((each) => holdsFor(each, row, of))
    case 'compare': {
      const { recipient } = of.mail
      if (rule.op !== '=' || recipient === null || recipient.entity !== of.model.identity?.entity) return false
      const [one, other] = [rule.left, rule.right]
      const named = isCaller(other) ? one : isCaller(one) ? other : null
      return named !== null && isSamePath(rowNamedBy(named, row, of.model), recipient)
    }
    default:
      return false
  }
}

function isCaller(term: Term): boolean {
  return term.kind === 'auth' && term.claim === 'id'
}

/** The row that a value of a rule names: the row of the rule by its id, or one that it refers to; null for anything else. */
function rowNamedBy(term: Term, row: RowPath, model: Model): RowPath | null {
  if (term.kind !== 'field' || term.row.binding !== rootRow(row.entity).binding) return null
  const hops = [...row.hops, ...term.row.hops]
  if (term.field === 'id') return { ...row, hops, entity: term.row.entity }
  const field = entityNamed(model, term.row.entity).fields.find(({ name }) => name === term.field)
  if (field?.type.kind !== 'ref') return null
  const { entity } = field.type
  return { ...row, hops: [...hops, { field: field.name, entity }], entity }
}

function isSamePath(one: RowPath | null, other: RowPath): boolean {
  if (one === null || one.binding !== other.binding || one.hops.length !== other.hops.length) return false
  return one.hops.every(({ field }, i) => field === other.hops[i]?.field)
}
