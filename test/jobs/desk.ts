/** A help desk with jobs, for tests. */

import type { JobContext } from '../../src/design/authoring/context-types.ts'
import { backend, email, integer, password, ref, text } from '../../src/index.ts'
import type { Model } from '../../src/model/model.ts'
import { WORKER_TIMES } from '../../src/services/jobs/worker-times.ts'
import { modelFrom, type TestBackend } from '../support/backend.ts'

/** Short times, so that a test of a lease that is over takes seconds. */
export const SHORT_TIMES = { ...WORKER_TIMES, leaseMs: 1_500, beatMs: 300, rescueMs: 200, pollMs: 50 } as const

// biome-ignore lint/suspicious/noExplicitAny: the tables of this context have no types
type Ctx = JobContext<any, { readonly id: string | null }, any>

/** What runs in a job: set by the test. */
export type Work = (ctx: Ctx) => unknown

/** The design. `work` is the code of the job `custom`; the other jobs are fixed. */
export function deskDesign(work: Work = () => {}, custom: object = {}) {
  return backend({
    name: 'desk',
    rules: { signedIn: 'auth.id != null' },
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: email({ unique: true }), password: password() },
        access: { read: 'true', create: 'false', update: 'false', delete: 'false' },
      },
      Ticket: {
        fields: { title: text({ max: 200 }), owner: ref('User', { set: 'auth.id' }), reminders: integer({ default: 0 }) },
        access: { read: 'true', create: 'signedIn', update: 'owner == auth.id', delete: 'false' },
      },
      Entry: {
        fields: { text: text({ max: 500 }), by: text({ max: 100, optional: true }) },
        access: { read: 'true', create: 'signedIn', update: 'false', delete: 'false' },
      },
    },
    actions: {
      remindAll: {
        allow: 'signedIn',
        input: { note: 'text' },
        steps: [
          { list: 'Ticket', where: 'owner == auth.id', limit: 10, as: 'tickets' },
          { enqueue: 'remind', each: 't in tickets', input: { ticket: 't' } },
          { enqueue: 'note', input: { text: 'input.note' } },
          { enqueue: 'note', when: 'input.note == "never"', input: { text: 'input.note' } },
          { enqueue: 'note', input: { text: '"later"' }, at: 'now() + duration("1h")' },
        ],
      },
      keep: {
        allow: 'signedIn',
        input: { data: { type: 'text', max: 100_000 } },
        steps: [{ enqueue: 'note', input: { text: 'input.data' }, delay: '1h' }],
      },
      add: {
        allow: 'true',
        input: { job: 'text', given: 'json?', delay: 'text?', fail: 'boolean?' },
        output: { id: 'text?' },
        run: async (ctx) => {
          const { job, given, delay, fail } = ctx.input
          const id = await ctx.jobs.add(job as 'custom', (given as object | undefined) ?? {}, delay === undefined ? {} : { delay })
          if (fail === true) throw new Error('the action fails after it has added a job')
          return id === null ? {} : { id }
        },
      },
    },
    jobs: {
      remind: {
        as: 'caller',
        input: { ticket: { ref: 'Ticket' } },
        steps: [{ update: 'input.ticket', set: { reminders: 'reminders + 1' } }],
        retry: { attempts: 2, first: '10ms' },
      },
      remindAnyone: {
        as: 'system',
        input: { ticket: { ref: 'Ticket' } },
        steps: [{ update: 'input.ticket', set: { reminders: 'reminders + 1' } }],
      },
      note: {
        as: 'system',
        input: { text: 'text' },
        steps: [{ create: 'Entry', set: { text: 'input.text' } }],
      },
      once: {
        as: 'system',
        input: { key: 'text', rest: 'integer?' },
        unique: ['key'],
        delay: '300ms',
        steps: [{ create: 'Entry', set: { text: 'input.key' } }],
      },
      custom: {
        as: 'system',
        input: { n: 'integer?', data: 'json?' },
        run: work as never,
        retry: { attempts: 3, first: '10ms', most: '20ms' },
        ...custom,
      },
    },
  })
}

/** The model of the design. */
export function deskModel(work?: Work, custom?: object): Model {
  return modelFrom(deskDesign(work, custom))
}

/** Adds a job by the action of the design. Returns its id; undefined when an equal one waits. */
export async function addJob({ ask }: Pick<TestBackend, 'ask'>, body: object, token?: string): Promise<string | undefined> {
  const { status, json, text: body_ } = await ask('POST', '/api/actions/add', { body, token })
  if (status !== 200) throw new Error(`${status} ${body_}`)
  return json.id
}

/** Waits until a question gets an answer other than null. A test ends by the time limit of its runner. */
export async function until<T>(question: () => Promise<T | null> | T | null): Promise<T> {
  for (;;) {
    const answer = await question()
    if (answer !== null) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Waits until no job waits or runs. */
export function untilDone({ sql }: Pick<TestBackend, 'sql'>): Promise<true> {
  return until(async () => ((await sql('select 1 from plinth.jobs limit 1')).length === 0 ? true : null))
}
