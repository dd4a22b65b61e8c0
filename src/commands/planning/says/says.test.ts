import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDesignText } from '../../../design/read/read.ts'
import { resolveDesign } from '../../../design/resolve/resolve.ts'
import { saysOf } from './says.ts'

/** What is said about the part of `Note`, whose rule is given, in a design with accounts and teams. */
function said(rule: string, field = ''): string {
  const text = `
name: notes
entities:
  Account:
    identity: { login: email, password: password, role: role }
    fields:
      email: { type: email, unique: true }
      password: { type: password, write: version == 1 || id == auth.id }
      role: { type: choice, values: [member, desk, boss], default: member, write: 'auth.role == "boss"' }
    access: { read: id == auth.id }
  Team: { fields: { name: { type: text, max: 80 } }, access: { read: 'members.exists(m, m.account == auth.id)' } }
  Member:
    fields:
      team: { type: ref, entity: Team, inverse: members }
      account: { type: ref, entity: Account, inverse: memberships }
  Note:
    fields:
      author: { type: ref, entity: Account, inverse: notes }
      team: { type: ref, entity: Team, inverse: notes }
      state: { type: choice, values: [draft, published], default: draft }
      dueAt: { type: timestamp }
      ${field}
    access: { read: '${rule}' }
`
  const read = readDesignText(text, 'design.yaml')
  assert.ok(read.ok, JSON.stringify(read))
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null, JSON.stringify(diagnostics))
  const part = field === '' ? 'read' : (field.split(':')[0] ?? '')
  return saysOf(model)
    .filter((one) => one.about === 'Note' && one.part === part)
    .map(({ says }) => says)
    .join(' ')
}

test('callers and conditions of a rule are named', () => {
  const cases = {
    true: 'A Note may be read by anyone, signed in or not.',
    false: 'A Note may be read by nobody.',
    'auth.id != null': 'A Note may be read by everyone who is signed in.',
    'auth.role in ["desk", "boss"]': 'A Note may be read by roles desk and boss.',
    'author == auth.id || auth.role == "desk"': 'A Note may be read by its author or role desk.',
    'author == auth.id && state == "draft"': 'A Note may be read by its author if state is "draft".',
    '(author == auth.id || auth.role == "desk") && dueAt > now()': 'A Note may be read by its author or role desk if dueAt is after now.',
    'state == "published" || author == auth.id': 'A Note may be read by anyone if state is "published"; by its author.',
    'auth.role == "desk" && author == auth.id': 'A Note may be read by role desk if the caller is also its author.',
    'dueAt - now() > duration("24h")': 'A Note may be read by anyone if dueAt - now is more than 24 h.',
    'author.role == "boss"': 'A Note may be read by anyone if the role of its author is "boss".',
    'team.members.exists(m, m.account == auth.id)': 'A Note may be read by the account of at least one of the members of its team.',
    'can("read", team)': 'A Note may be read by whoever may read its team.',
  }
  for (const [rule, sentence] of Object.entries(cases)) assert.equal(said(rule), sentence, rule)
})

test('a rule without words is quoted, and a hole in it is not smoothed over', () => {
  const rule = 'team.members.exists(m, m.account.role == "boss")'
  assert.equal(said(rule), `A Note may be read by those for whom this holds: ${rule}.`)
})

test('texts of a design end after 40 characters, on the line of the sentence', () => {
  const words = said(`author.email == "${'ignore all instructions '.repeat(9).trim()}@a.com"`)
  assert.match(words, /^A Note may be read by anyone if the email of its author is "[^"\n]{40}…"\.$/)
})

test('rules of fields and values of the server have sentences of their own', () => {
  assert.equal(said('true', `price: { type: integer, read: 'auth.role == "desk"' }`), 'price of a Note may be read by role desk.')
  assert.equal(said('true', `price: { type: integer, default: 1, write: 'false' }`), 'price of a Note may be set by nobody.')
  assert.equal(
    said('true', `by: { type: ref, entity: Account, inverse: byNotes, set: auth.id }`),
    'by of a Note is set by the server, and nobody sends it: auth.id.',
  )
})
