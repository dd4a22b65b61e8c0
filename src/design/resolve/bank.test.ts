import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { modelOf } from '../../../test/support/resolved.ts'
import type { ActionStep } from '../../model/action.ts'

const BANK: unknown = parse(readFileSync(join(import.meta.dirname, '../../../test/actions/designs/bank.yaml'), 'utf8'))

const [transfer, statement] = modelOf(BANK).actions

/** The assignments of a step: each field with its value. */
function setOf(step: ActionStep | undefined): readonly (readonly [string, string, string | null])[] {
  return step !== undefined && 'set' in step ? step.set.map(({ field, value, ifSent }) => [field, value.kind, ifSent] as const) : []
}

test('the inputs of a transfer are two rows found by a unique field, a value of a field, and one that may be left out', () => {
  assert.deepEqual(
    transfer?.inputs.map(({ name, optional, nullable, type }) => [name, optional, nullable, type.kind]),
    [
      ['from', false, false, 'reference'],
      ['to', false, false, 'reference'],
      ['amount', false, false, 'value'],
      ['note', true, true, 'value'],
    ],
  )
  const [from] = transfer?.inputs ?? []
  assert.equal(from?.type.kind === 'reference' ? from.type.by : '', 'iban')
  assert.equal(from?.type.kind === 'reference' ? from.type.where.kind : '', 'compare')
})

test('the steps of a transfer name rows by their bindings', () => {
  assert.deepEqual(
    transfer?.steps.map(({ verb }) => verb),
    ['require', 'require', 'update', 'update', 'create', 'create', 'create'],
  )
  const [same, , first, , create, entry] = transfer?.steps ?? []
  assert.deepEqual(same?.verb === 'require' ? same.else : null, {
    code: 'same_account',
    status: 422,
    message: 'an account cannot send to itself',
  })
  assert.equal(first?.verb === 'update' && first.target.kind === 'row' ? first.target.row.binding : '', 'input.from')
  assert.deepEqual(setOf(create), [
    ['from', 'field', null],
    ['to', 'field', null],
    ['amount', 'input', null],
    ['note', 'input', 'note'],
  ])
  assert.deepEqual(setOf(entry), [
    ['transfer', 'field', null],
    ['account', 'field', null],
    ['amount', 'call', null],
  ])
})

test('an action that writes is a POST and runs as the design says; one that only reads is a GET', () => {
  assert.deepEqual(transfer?.address, {
    method: 'POST',
    path: '/api/actions/transfer',
    own: false,
    status: null,
    type: 'json',
    accepts: 'json',
    others: 'refused',
    redirect: null,
    signed: null,
    needs: { body: false, members: [] },
    row: null,
  })
  assert.deepEqual(transfer?.inputs[0]?.from, { in: 'body', name: 'from' })
  assert.deepEqual(statement?.inputs[0]?.from, { in: 'path', name: 'account' })
  assert.deepEqual([transfer?.as, transfer?.reads, transfer?.allowSource], ['system', false, 'signedIn'])
  assert.deepEqual([statement?.address.path, statement?.reads], ['/accounts/{account}/statements/{month}', true])
})

test('an answer is a tree of values, with a list over the rows that a step named', () => {
  assert.equal(transfer?.answer.kind, 'object')
  const answer = statement?.answer
  const entries = answer?.kind === 'object' ? answer.members.at(-1)?.of : undefined
  assert.equal(
    entries?.kind === 'list' && entries.each.over.kind === 'rows' && entries.each.over.rows.kind === 'set'
      ? entries.each.over.rows.set.via
      : '',
    null,
  )
})
