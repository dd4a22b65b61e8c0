/** Values that a door must refuse: each is answered 400 and named, and afterwards all rows are as before. */

import { FAILURES, type FailureCode } from '../../../base/failures/failure-catalogue.ts'
import type { ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import type { ValueDoor } from './value-doors.ts'

/** A value, and the request that has it. */
export interface Refusable {
  readonly label: string
  readonly value: unknown
  readonly sent: SentOverHttp
}

/** What is asked at a door. */
export interface Refusing {
  readonly door: Pick<ValueDoor, 'name' | 'api' | 'user'>
  readonly field: string
  readonly why: string
  /** At least one. */
  readonly requests: readonly Refusable[]
}

/** Requests that are sent at the same time. None of them may write. */
const AT_ONCE = 4

/** Sends all requests, and ends at the first that is not refused as a wrong value of the field. */
export async function askRefused(tools: ProbeTools, { door, field, why, requests }: Refusing): Promise<ProbeOutcome> {
  const token = tools.tokenOf(door.user)
  let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
  for (let i = 0; i < requests.length; i += AT_ONCE) {
    const group = requests.slice(i, i + AT_ONCE)
    const answers = await Promise.all(group.map(({ sent }) => tools.send({ ...sent, token })))
    for (const [n, answer] of answers.entries()) {
      const { label, value, sent } = group[n] as Refusable
      last = { sent, answer }
      const wrong = door.api === 'graphql' ? takenByGraphql(answer) : takenByRest(answer, field)
      if (wrong !== null) return { wrong: `${label}, ${shown(value)}: ${wrong}`, statuses: [400], why, ...last }
    }
  }
  if (last === null) throw new Error(`${door.name} of ${field} asks nothing`)
  return { wrong: null, statuses: [400], why, ...last }
}

const LONGEST_VALUE = 60

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}

function takenByRest({ status, json }: Answered, field: string): string | null {
  if (status !== 400) return `status ${status}, expected 400`
  const pointers = ((json?.errors ?? []) as readonly { readonly pointer?: unknown }[]).map(({ pointer }) => String(pointer))
  return pointers.some((pointer) => pointer.includes(`/${field}`))
    ? null
    : `the answer names ${pointers.join(', ') || 'nothing'}, expected /${field}`
}

function takenByGraphql({ status, json }: Answered): string | null {
  const errors = (json?.errors ?? []) as readonly { readonly extensions?: { readonly code?: string } }[]
  if (status >= 500 || errors.length === 0) return `status ${status} with ${errors.length} errors`
  const codes = errors.map(({ extensions }) => extensions?.code ?? 'no code')
  const other = codes.find((code) => FAILURES[code as FailureCode]?.status !== 400)
  return other === undefined ? null : `the error is ${other}`
}
