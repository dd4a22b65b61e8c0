import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { allCasesOf } from '../families/all-cases.ts'

const open = { read: 'true', create: 'true', update: 'true', delete: 'true' }

/** Teams have a member and no more than there are places. A posted entry of a ledger is balanced. */
const DESIGN = {
  name: 'teams',
  entities: {
    Team: {
      fields: { places: { type: 'integer', min: 1, max: 9, default: 2 }, sums: { type: 'list', of: { type: 'integer' }, default: [1] } },
      checks: {
        some: { rule: 'size(members) > 0', message: 'a team has a member' },
        places: { rule: 'size(members) <= places', message: 'the team is full' },
        sums: { rule: 'sums.sum(n, n) <= 5', message: 'is too much' },
      },
      access: { ...open, read: 'places > 1 || members.exists(m, m.first)' },
    },
    Role: { fields: { name: { type: 'text' } }, access: open },
    Member: {
      fields: {
        team: { type: 'ref', entity: 'Team', inverse: 'members', onDelete: 'cascade' },
        role: { type: 'ref', entity: 'Role' },
        first: { type: 'boolean' },
      },
      access: open,
    },
    Entry: {
      fields: { state: { type: 'choice', values: ['draft', 'posted'], default: 'draft' } },
      checks: {
        balanced: {
          rule: 'state == "draft" || lines.exists(l, l.debit > 0.0) && lines.sum(l, l.debit) == lines.sum(l, l.credit)',
          message: 'is not balanced',
        },
      },
      access: { ...open, update: 'state == "draft"' },
    },
    Run: {
      fields: { state: { type: 'choice', values: ['open', 'checked'], default: 'open' } },
      checks: { filled: { rule: 'state == "open" || size(slips) > 0', message: 'a checked run has a slip' } },
      access: { ...open, delete: 'state == "open" && size(slips) == 0' },
    },
    Slip: { fields: { run: { type: 'ref', entity: 'Run', inverse: 'slips' } }, access: open },
    Line: {
      fields: {
        entry: { type: 'ref', entity: 'Entry', inverse: 'lines', onDelete: 'cascade' },
        debit: { type: 'decimal', precision: 10, scale: 2, default: '0.00' },
        credit: { type: 'decimal', precision: 10, scale: 2, default: '0.00' },
      },
      access: { ...open, read: 'entry.state == "posted"' },
    },
  },
}

const { model, diagnostics } = resolveDesign(DESIGN, NO_SOURCE)
const plan = allCasesOf(DESIGN, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
const rowsOf = (name: string) => plan.world.rows.get(name) ?? []

test('no row of a world breaks a check over its related rows', () => {
  assert.deepEqual([...plan.world.empty], [])
  const teams = rowsOf('Team').map(({ id, places }) => ({ places, members: rowsOf('Member').filter(({ team }) => team === id).length }))
  assert.deepEqual(
    teams.filter(({ places, members }) => members === 0 || members > Number(places)),
    [],
  )
  assert.ok(teams.some(({ members }) => members === 1) && teams.some(({ members }) => members === 2))
})

test('a row gets related rows with which its check holds', () => {
  const posted = rowsOf('Entry').filter(({ state }) => state === 'posted')
  const sum = (name: 'debit' | 'credit', entry: unknown): number =>
    rowsOf('Line').reduce((all, line) => (line.entry === entry ? all + Number(line[name]) : all), 0)
  assert.ok(posted.length > 0)
  for (const { id } of posted) assert.ok(sum('debit', id) > 0 && sum('debit', id) === sum('credit', id))
})

test('each check over relations is broken and kept by a write of a case', () => {
  const checks = plan.families.filter(({ id }) => /^relations\/\w+\.(some|places|balanced)$/.test(id))
  assert.deepEqual(
    checks.map(({ id, untested }) => [id, untested]),
    ['relations/Team.some', 'relations/Team.places', 'relations/Entry.balanced'].map((id) => [id, []]),
  )
})

test('what only a row that breaks such a check could show is unreachable', () => {
  const deleted = plan.plans.find(({ claim }) => claim.id === 'access/Run.delete')
  assert.deepEqual([deleted?.open, deleted?.unreachable], [[], ['state=="open"/false']])
})
