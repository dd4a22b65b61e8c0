/** Searches a log for secrets, and names the place of one without repeating what else the log has there. */

import type { KnownSecret, WrittenLog } from '../cases/probe.ts'

/** Any token that is signed as access tokens are, whoever it is for. */
const SIGNED_TOKEN = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/
/** What is a secret by its form: any signed token, the stored form of any password, and any refresh token in JSON. */
const SECRET_FORMS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(SIGNED_TOKEN, 'g'), '<a token>'],
  [/\$argon2id\$v=\d+\$[\w=,]+\$[\w+/]+\$[\w+/]+/g, '<the hash of a password>'],
  [/(?<="refreshToken\\?":\s?\\?")[\w.~+/-]{20,}/g, '<a refresh token>'],
]
/** Shorter secrets stand in many texts by chance. */
const SHORTEST = 8
/** The least characters of a line that is searched for by itself, of a secret of several lines. */
const SHORTEST_LINE = 20
/** The most characters of a line that are searched together with what follows. */
const LONGEST_REST = 1024 * 1024
const LONGEST_NAME = 100

/** A way in which a secret may stand in a text. */
interface Spelling extends KnownSecret {
  /** The secret, or the line of it, as it is. */
  readonly plain: string
}

/** What is wrong with a log: the kind of a secret that it has, and where; null if it has none. A log that is not whole is wrong too. */
export function secretInLog(log: WrittenLog, secrets: readonly KnownSecret[]): string | null {
  const spellings = secrets.flatMap(spellingsOf)
  for (const text of windows(log)) {
    const signed = SIGNED_TOKEN.exec(text)
    if (signed !== null) {
      const [token] = signed
      return `the log has a token ${placeOf(text, { at: signed.index, spelling: { kind: '', text: token, plain: token }, spellings })}`
    }
    for (const spelling of spellings) {
      const at = text.indexOf(spelling.text)
      if (at !== -1) return `the log has ${spelling.kind} ${placeOf(text, { at, spelling, spellings })}`
    }
  }
  return log.lost === 0 ? null : `${log.lost} characters of the log could not be kept, so it was not searched to its end`
}

/** Whether a text stands in a log. */
export function hasLogged(log: WrittenLog, text: string): boolean {
  for (const window of windows(log)) if (window.includes(text)) return true
  return false
}

/** A text in which these secrets, and what is a secret by its form, are replaced by what they are. */
export function withoutSecrets(text: string, secrets: readonly KnownSecret[]): string {
  const hidden = secrets
    .flatMap(spellingsOf)
    .toSorted((a, b) => b.text.length - a.text.length)
    .reduce((said, spelling) => said.replaceAll(spelling.text, `<${spelling.kind}>`), text)
  return SECRET_FORMS.reduce((said, [form, name]) => said.replaceAll(form, name), hidden)
}

/** The pieces of a log, each with the line that the one before has begun. */
function* windows({ parts }: WrittenLog): Generator<string> {
  let rest = ''
  for (const part of parts()) {
    const text = rest + part
    yield text
    rest = text.slice(text.lastIndexOf('\n') + 1).slice(-LONGEST_REST)
  }
}

/** A secret as it is, as in JSON and as in an address. Of one with several lines, each long one. */
function spellingsOf({ kind, text }: KnownSecret): readonly Spelling[] {
  const lines = text.split('\n').filter((line) => line.length >= SHORTEST_LINE && !line.startsWith('-----'))
  return [...new Set([text, ...lines])]
    .filter((plain) => plain.length >= SHORTEST)
    .flatMap((plain) =>
      [...new Set([plain, JSON.stringify(plain).slice(1, -1), encodeURIComponent(plain)])].map((one) => ({ kind, text: one, plain })),
    )
}

interface Found {
  readonly at: number
  readonly spelling: Spelling
  readonly spellings: readonly Spelling[]
}

function placeOf(text: string, { at, spelling, spellings }: Found): string {
  const end = text.indexOf('\n', at)
  const line = text.slice(text.lastIndexOf('\n', at) + 1, end === -1 ? undefined : end)
  const entry = parsed(line)
  if (entry === null) return 'in a line that is no entry in JSON'
  const path = pathTo(entry, (value) => value.includes(spelling.plain) || value.includes(spelling.text)) ?? []
  const message = 'msg' in entry && typeof entry.msg === 'string' ? entry.msg : ''
  // Long words may be secrets that verify does not know.
  const said = withoutSecrets(message, spellings).replaceAll(/\S{20,}/g, '…')
  return `in ${path.join('.').slice(0, LONGEST_NAME) || 'a name'} of the entry ${JSON.stringify(said.slice(0, LONGEST_NAME))}`
}

/** The names that lead to the first text for which a condition holds; null for none. */
function pathTo(value: unknown, holds: (text: string) => boolean): readonly string[] | null {
  if (typeof value === 'string') return holds(value) ? [] : null
  if (typeof value !== 'object' || value === null) return null
  for (const [name, member] of Object.entries(value)) {
    const path = pathTo(member, holds)
    if (path !== null) return [name, ...path]
  }
  return null
}

function parsed(line: string): object | null {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' ? entry : null
  } catch {
    return null
  }
}
