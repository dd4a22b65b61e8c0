/** Sends the requests of the reference as the one operation of a transaction. */

import { restBase } from '../../model/address/served.ts'
import { httpRequestOf } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { REST, type RequestTransport } from './transport.ts'

/** A transaction with one operation; its answer is that of the operation. */
export const TRANSACTION: RequestTransport = {
  ...REST,
  encode({ reference }, request) {
    const { method, url, body } = httpRequestOf(reference.model, request)
    const operation = { method, path: url, ...(body === undefined ? {} : { body }) }
    return { method: 'POST', url: `${restBase(reference.model)}/transaction`, body: { operations: [operation] } }
  },
  decode: (_, __, answer) => unwrapped(answer),
}

function unwrapped(answer: Answered): Answered {
  if (answer.status !== 200) return answer
  const [result] = answer.json?.results ?? []
  return result === undefined ? answer : { ...answer, status: result.status, json: result.body }
}
