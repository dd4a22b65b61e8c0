import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { readDesign } from '../../design/read/read.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { CasePlan } from '../cases/cases-of.ts'
import type { Answered } from '../expected/answered.ts'
import { forgedKinds } from '../expected/forged-tokens.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { begunMismatch } from './action-cases.ts'
import { allCasesOf } from './all-cases.ts'

const ROOT = dirname(dirname(dirname(import.meta.dirname)))

async function planOf(file: string): Promise<CasePlan> {
  const read = await readDesign(join(ROOT, file))
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  return allCasesOf(read.design as WrittenDesign, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
}

const DESIGNS = ['examples/blog', 'test/verify/designs/library.yaml', 'test/actions/designs/helpdesk.yaml']
const plans = new Map<string, CasePlan>()
for (const file of DESIGNS) plans.set(file, await planOf(file))

for (const [file, plan] of plans) {
  test(`the cases of all families of ${file} have names of their own, and are the same each time`, async () => {
    const again = await planOf(file)
    const names = ({ cases, probes, messages }: CasePlan): readonly string[] => [...cases, ...probes, ...messages].map(({ name }) => name)
    assert.deepEqual(names(plan), names(again))
    assert.deepEqual(
      names(plan).filter((name, i, all) => all.indexOf(name) !== i),
      [],
    )
  })

  test(`each claim of the families of ${file} is shown by a case, and what is not tested has a reason`, () => {
    const { families, cases, probes, messages, left } = plan
    const shown = new Map([...Map.groupBy([...cases, ...probes, ...messages], ({ claim }) => claim)])
    for (const { id, asked, untested } of families) {
      const goals = new Set((shown.get(id) ?? []).flatMap((one) => one.goals))
      assert.deepEqual(
        asked.filter((goal) => !goals.has(goal)),
        [],
        id,
      )
      if (untested.length > 0) assert.ok(left.some(({ what }) => what.startsWith(`${id}:`)))
    }
  })
}

test('there are at least 28 kinds of forged tokens, each with a name of its own', () => {
  const kinds = forgedKinds()
  assert.ok(kinds.length >= 28)
  assert.equal(new Set(kinds).size, kinds.length)
})

/** A design in which accounts may be deleted by those for whom the rule holds. */
function planOfAccounts(rule: string): CasePlan {
  const design = {
    name: 'demo',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role', takenLogin: 'conflict' },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
        },
        access: { read: 'true', create: 'true', update: 'id == auth.id', delete: rule },
      },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  return allCasesOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
}

test('a caller who deletes its own account is not asked for a second answer', () => {
  const twice = (rule: string): readonly string[] =>
    planOfAccounts(rule).probes.flatMap(({ name }) => (/^(answers\/User.delete\/422|races\/User\/same-delete)/.test(name) ? [name] : []))
  assert.deepEqual(twice('id == auth.id'), [])
  assert.ok(twice('auth.role == "admin" && id != auth.id').length > 0)
})

const names = { inputs: ['price'], checks: new Set(['cheap']) }
const begins = { kind: 'begins', why: '`allow` holds' } as const

function refusal(code: string, ...pointers: readonly string[]): Answered {
  return refusedBy('max', code, pointers)
}

function refusedBy(rule: string, code: string, pointers: readonly string[]): Answered {
  const json = { code, errors: pointers.map((pointer) => ({ pointer, rule, message: 'is wrong' })) }
  return { status: code === 'validation_failed' ? 400 : 409, json, text: JSON.stringify(json), headers: {} } as Answered
}

test('a call may be refused by a check on what its steps write, but not for its inputs, its state or its caller', () => {
  assert.equal(begunMismatch(refusal('validation_failed', '/ends'), begins, names), null)
  assert.equal(begunMismatch(refusedBy('cheap', 'validation_failed', ['/price']), begins, names), null)
  assert.equal(begunMismatch(refusal('sold_out'), begins, names), null)
  for (const wrong of [
    refusal('validation_failed', '/price'),
    refusal('validation_failed', '/ends', '/price/0'),
    refusal('validation_failed'),
  ])
    assert.match(begunMismatch(wrong, begins, names) ?? '', /validation_failed/)
  assert.match(begunMismatch(refusal('illegal_transition'), begins, names) ?? '', /illegal_transition/)
  assert.match(begunMismatch(refusal('not_signed_in'), begins, names) ?? '', /not_signed_in/)
})
