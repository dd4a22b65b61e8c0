/** Sends the calls of the bank as requests, and reads the answers in the terms of the model. */

import type { Answered } from '../support/backend.ts'
import { type Account, type Call, idOf } from './bank.ts'

type Ask = (
  method: string,
  url: string,
  asked: { token?: string | undefined; body?: unknown; headers?: Record<string, string> },
) => Promise<Answered>

/** The answer of a call in the terms of the model; null when the connection was lost, so the outcome is unknown. */
export async function send(ask: Ask, call: Call, token: string | undefined): Promise<string | null> {
  const answer = await ask(...requestOf(call, token))
  if (answer.json?.code === 'database_unavailable') return null
  if (answer.status >= 400) {
    const pointer: string | undefined = answer.json.errors?.[0]?.pointer
    const operation = answer.json.operation === undefined ? '' : ` in ${answer.json.operation}`
    const field = pointer === undefined ? '' : ` /${pointer.split('/').at(-1)}`
    return `${answer.status} ${answer.json.code}${field}${operation}`
  }
  switch (call.kind) {
    case 'delete':
    case 'line':
    case 'slot':
      return `${answer.status}`
    case 'list':
      return `${answer.status} ${answer.json.data.map(shown).sort().join(' ')}`
    case 'transfer':
      return `${answer.status} ${answer.json.results.map((r: { body: Account }) => shown(r.body)).join(' ')}`
    case 'create':
      return `${answer.status} ${[answer.json].flat().map(shown).join(' ')}`
    default:
      return `${answer.status} ${shown(answer.json)}`
  }
}

function shown({ name, code, balance, open, frozen, version }: Account): string {
  return `${name}(${code},${balance},${open},${frozen},${version})`
}

function requestOf(call: Call, token: string | undefined): Parameters<Ask> {
  const headers: Record<string, string> = 'ifVersion' in call && call.ifVersion !== null ? { 'if-match': `"${call.ifVersion}"` } : {}
  const add = (amount: number) => ({ balance: { increment: amount } })
  switch (call.kind) {
    case 'create':
      return ['POST', '/api/accounts', { token, body: call.rows.length === 1 ? call.rows[0] : call.rows }]
    case 'change': {
      const { add: amount, ...set } = call.change
      return [
        'PATCH',
        `/api/accounts/${idOf(call.name)}`,
        { token, headers, body: { ...set, ...(amount === undefined ? {} : add(amount)) } },
      ]
    }
    case 'delete':
      return ['DELETE', `/api/accounts/${idOf(call.name)}`, { token, headers }]
    case 'get':
      return ['GET', `/api/accounts/${idOf(call.name)}`, { token }]
    case 'list':
      return ['GET', '/api/accounts?page[size]=100', { token }]
    case 'line':
      return ['POST', '/api/lines', { token, body: { name: call.name, account: idOf(call.account) } }]
    case 'slot':
      return ['POST', '/api/slots', { token, body: { name: call.name, group: idOf(call.group) } }]
    case 'transfer': {
      const operations = [call.from, call.to].map((name, i) => ({
        method: 'PATCH',
        path: `/api/accounts/${idOf(name)}`,
        body: add(i === 0 ? -call.amount : call.amount),
      }))
      return ['POST', '/api/transaction', { token, body: { operations } }]
    }
  }
}
