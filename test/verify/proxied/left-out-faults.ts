/** Defects of writes of whole rows: of what they leave out, of the keys of upserts, and of rows that their caller no longer sees. */

import type { SentRequest } from '../../../src/verify/run/stage.ts'
import { answers, type ProxiedFault, requests, saying } from './proxied.ts'

const SEATS = 'test/verify/designs/seats.yaml'

type Row = Readonly<Record<string, unknown>>

/** The variables of an upsert. */
interface Upsert {
  readonly where?: Row
  readonly create?: Row
  readonly update?: Row
}

function upsertOf({ body }: SentRequest): Upsert {
  return ((body ?? {}) as { readonly variables?: Upsert }).variables ?? {}
}

/** An upsert of a seat by another key than the one that it names. */
function byPlate(asked: SentRequest): SentRequest {
  const { where, create } = upsertOf(asked)
  if (where?.code === undefined || create?.plate === undefined) return asked
  return { ...asked, body: { ...(asked.body as object), variables: { ...upsertOf(asked), where: { plate: create.plate } } } }
}

/** The defects. */
export const LEFT_OUT_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a replacement keeps what it leaves out',
    only: 'values/left-out/Post/replace',
    named: /Post\/replace-\d: Post \S+ has (?:published true, expected false|tags)/,
    answer: requests((asked) => (asked.method === 'PUT' ? { ...asked, method: 'PATCH' } : asked)),
  },
  {
    what: 'a replacement in a transaction keeps what it leaves out',
    only: 'values/left-out/Post/transaction',
    named: /Post\/transaction: Post \S+ has/,
    answer: requests((asked) =>
      asked.url.endsWith('/transaction')
        ? { ...asked, body: JSON.parse(JSON.stringify(asked.body).replace('"method":"PUT"', '"method":"PATCH"')) }
        : asked,
    ),
  },
  {
    what: 'a replacement resets an optional field to the value of the first row',
    design: SEATS,
    only: 'values/left-out/Seat/replace',
    named: /Seat\/replace-\d: Seat \S+ has note "other", expected null/,
    answer: requests((asked) => (asked.method === 'PUT' ? { ...asked, body: { note: 'other', ...(asked.body as object) } } : asked)),
  },
  {
    what: 'each row of a list has the fields of the first one',
    design: SEATS,
    only: 'values/left-out/Seat/create-many',
    named: /Seat\/create-many: the new row has/,
    answer: requests((asked) => {
      const [first, ...others] = Array.isArray(asked.body) ? asked.body : []
      const given = Object.fromEntries(Object.entries(first ?? {}).filter(([name]) => ['note', 'size', 'open'].includes(name)))
      return first === undefined ? asked : { ...asked, body: [first, ...others.map((row: object) => ({ ...given, ...row }))] }
    }),
  },
  {
    what: 'an upsert changes the row that any of its keys leads to',
    design: SEATS,
    only: 'values/upsert-keys/Seat.code/taken',
    named: /Seat\.code\/taken: status 599/,
    answer: async ({ ask }, asked) => {
      const answer = await ask(asked)
      return answer.text.includes('already_taken') ? ask(byPlate(asked)) : answer
    },
  },
  {
    what: 'an upsert looks for its row by the last key of the new row',
    design: SEATS,
    only: 'values/upsert-keys/Seat.code/found-beside-taken',
    named: /found-beside-taken: /,
    answer: requests(byPlate),
  },
  {
    what: 'an upsert by a key of two fields reads the first alone',
    design: SEATS,
    only: 'values/upsert-keys/Seat.hall_number/found',
    named: /hall_number\/found: status 599/,
    answer: requests((asked) => {
      const { where, ...others } = upsertOf(asked)
      if (where?.hall_number === undefined) return asked
      const other = { hall_number: { ...(where.hall_number as Row), number: 99_999 } }
      const create = { ...others.create, number: 99_999 }
      return { ...asked, body: { ...(asked.body as object), variables: { ...others, create, where: other } } }
    }),
  },
  {
    what: 'the answer to a replacement shows a row that its caller may no longer read',
    design: SEATS,
    only: 'values/out-of-sight/Seat/put',
    named: /Seat\/put: body:/,
    answer: answers((answer, { method, body }) =>
      method === 'PUT' && Object.keys(answer.json ?? {}).join() === 'id' ? saying(answer, { ...(body as object), ...answer.json }) : answer,
    ),
  },
  {
    what: 'a change by which its caller loses sight of the row is not found',
    design: SEATS,
    only: 'values/out-of-sight/Seat/graphql',
    named: /Seat\/graphql: /,
    answer: answers((answer, { url }) =>
      url === '/graphql' && /"id":"[^"]+","seat":null/.test(answer.text) ? saying(answer, { data: { updateSeat: null } }) : answer,
    ),
  },
]
