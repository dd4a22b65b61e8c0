/** Resolves the integration `email`, and the mail of each reaction that sends one. */

import { readMailAddress } from '../../base/texts/mail-address.ts'
import type { Predicate, RowPath, Term } from '../../model/expression.ts'
import { scalarType } from '../../model/expression.ts'
import type { Mail, MailModel } from '../../model/mail.ts'
import { storedScalar } from '../../model/model.ts'
import type { EmailDesign } from '../authoring/mail-design.ts'
import { spanMs } from '../authoring/span.ts'
import { describe } from '../expression/constants.ts'
import { didYouMean, quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { ActionResults } from '../logic/actions.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { neededRows } from '../logic/step-place.ts'
import { condition, term } from '../outline/expressions.ts'
import { hasBroken, isBroken } from '../outline/outline.ts'
import { mailAttachment, mailBlock } from './mail-blocks.ts'
import { inside, type MailPlace, mailText, reportAbsent, standingOf } from './mail-place.ts'

/** A reaction that sends a mail. */
export interface MailReaction extends ActionResults {
  readonly at: Path
  /** The entity of the row that the event is about. */
  readonly entity: string
  readonly happening: string
  readonly template: string
  readonly to: string
  readonly when: string | null
}

const EMAIL: Path = ['integrations', 'email']
/** Mails are counted for at most 30 days, in milliseconds. */
const LONGEST_MS = 30 * 24 * 60 * 60 * 1_000

/** The integration `email`, null without it, and the mails of the reactions. */
export interface ResolvedMail {
  readonly mail: MailModel | null
  readonly mails: readonly Mail[]
}

/** Resolves the integration and the mail of each reaction. A mail that cannot be resolved is left out, with findings. */
export function resolveMail(reactions: readonly MailReaction[], context: LogicContext): ResolvedMail {
  const email = context.design.integrations?.email
  const said = { ...context, report: once(context.report) }
  const mails = reactions.flatMap((reaction) => mailOf(reaction, email, said) ?? [])
  if (email === undefined) return { mail: null, mails }
  if (readMailAddress(email.from) === null)
    context.report.add('PLN-D645', [...EMAIL, 'from'], `${quote(email.from)} is no address`, 'write Blog <no-reply@example.com>')
  checkUnused(email, context)
  checkLanguage(email, mails, context)
  return { mail: { from: email.from, limit: limitOf(email, context) }, mails }
}

function limitOf({ limit = { mails: 100, within: '1h' } }: EmailDesign, { report }: LogicContext): MailModel['limit'] {
  const withinMs = spanMs(limit.within) ?? 0
  if (withinMs <= 0 || withinMs > LONGEST_MS)
    report.add('PLN-D105', [...EMAIL, 'limit', 'within'], `expected more than 0 and at most 30d, found ${limit.within}`)
  return { mails: limit.mails, withinMs }
}

/** A report that adds no finding twice: a template is resolved again for each event that sends it. */
function once(report: Report): Report {
  const seen = new Set<string>()
  return {
    ...report,
    add: (code, path, message, hint) => {
      const key = JSON.stringify([code, path, message])
      if (!seen.has(key)) report.add(code, path, message, hint)
      seen.add(key)
    },
  }
}

function mailOf(reaction: MailReaction, email: EmailDesign | undefined, context: LogicContext): Mail | null {
  const { at, entity, happening, template, names, inputs, maybe } = reaction
  const own = { at, maybe, when: whenOf(reaction, context), whenSource: null }
  const event = { context, entity, names, inputs, reaction: own, values: [], languages: { of: null } }
  const address = { ...event, at: [...at, 'to'] }
  const to = term(reaction.to, { ...standingOf(address), expected: scalarType('email') }, context)
  if (to !== null) reportAbsent(neededRows(to), address)
  if (to !== null) checkAddress(to, address.at, context)
  const templates = email?.templates ?? {}
  const design = Object.hasOwn(templates, template) ? templates[template] : undefined
  if (design === undefined) {
    // One with an error has its own finding.
    if (isBroken(context.outline, [...EMAIL, 'templates', template])) return null
    const hint = email === undefined ? 'declare it under integrations.email.templates' : undefined
    const message = `unknown template ${quote(template)}${didYouMean(template, Object.keys(templates))}`
    context.report.add('PLN-D640', [...at, 'email'], message, hint ?? 'declare it under integrations.email.templates')
    return null
  }
  const place: MailPlace = { ...event, at: [...EMAIL, 'templates', template] }
  const subject = mailText(design.subject, inside(place, 'subject'))
  const blocks = design.blocks.flatMap((block, i) => mailBlock(block, inside(place, 'blocks', i)))
  const attachments = (design.attachments ?? []).map((each, i) => mailAttachment(each, inside(place, 'attachments', i)))
  if (to === null) return null
  const recipient = to.kind === 'field' ? to.row : null
  const language = languageOf(recipient, email?.language, context)
  return {
    at,
    entity,
    happening,
    template,
    to,
    toSource: reaction.to.trim(),
    recipient,
    language,
    subject,
    blocks,
    attachments,
    values: place.values,
  }
}

/** An address is a text: a reference to the recipient is an id, to which no mail can be sent. */
function checkAddress({ type }: Term, at: Path, { report }: LogicContext): void {
  if (!type.list && (type.scalar === 'text' || type.scalar === 'email')) return
  report.add(
    'PLN-D312',
    at,
    `a mail address is needed, and this is of the type ${describe(type)}`,
    'name the field with the address: customer.email',
  )
}

/** The condition of a reaction, whose findings are those of the reaction. */
function whenOf({ when, ...reaction }: MailReaction, context: LogicContext): Predicate | null {
  if (when === null) return null
  const silent = { ...context, sources: [], uses: [], report: { ...context.report, add: () => {} } }
  return condition(when, standingOf({ ...reaction, at: [] }), silent)
}

/** The field of the recipient that has the language; null for a recipient without it. */
function languageOf(recipient: RowPath | null, name: string | undefined, { entities }: LogicContext): Term | null {
  if (recipient === null || name === undefined) return null
  const field = entities.get(recipient.entity)?.fields.find((each) => each.name === name)
  if (field === undefined || storedScalar(field.type) !== 'text' || field.type.kind === 'list' || field.type.kind === 'password')
    return null
  return { kind: 'field', type: scalarType('text'), row: recipient, field: name }
}

/** Reports templates that nothing sends: their names have no meaning without an event, so they cannot be checked. */
function checkUnused({ templates = {} }: EmailDesign, { report, design, outline }: LogicContext): void {
  // A reaction with an error may be the one that sends it.
  if (hasBroken(outline, ['on'])) return
  const reactions = Object.values(design.on ?? {}).flat()
  for (const name of Object.keys(templates)) {
    if (reactions.some((reaction) => 'email' in reaction && reaction.email === name)) continue
    const hint = `write { email: ${name}, to: … } under an event, or remove it`
    report.add('PLN-D647', [...EMAIL, 'templates', name], `no reaction sends the mail ${quote(name)}, so it has not been checked`, hint)
  }
}

/** Reports a field of languages that no recipient has, and texts in several languages without such a field. */
function checkLanguage({ language, templates = {} }: EmailDesign, mails: readonly Mail[], { report, entities }: LogicContext): void {
  if (language !== undefined && mails.length > 0 && mails.every((mail) => mail.language === null)) {
    const known = mails.flatMap(({ recipient }) => entities.get(recipient?.entity ?? '')?.fields.map(({ name }) => name) ?? [])
    const message = `no recipient has a field ${quote(language)} of a text or choice${didYouMean(language, known)}`
    report.add('PLN-D649', [...EMAIL, 'language'], message)
  }
  if (language !== undefined) return
  for (const [name, { subject }] of Object.entries(templates)) {
    if (typeof subject === 'string' || Object.keys(subject).length < 2) continue
    const hint = 'write language: under integrations.email, with the field of the recipient that has it'
    report.add('PLN-D649', [...EMAIL, 'templates', name, 'subject'], 'nothing says which of these languages a recipient reads', hint)
  }
}
