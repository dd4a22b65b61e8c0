import { backend, type CodeOf, integer, type JobOf, ref, text, timestamp } from 'plinth'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const design = backend({
  name: 'desk',
  entities: {
    Ticket: { fields: { title: text({ max: 80 }), dueAt: timestamp({ optional: true }) }, access: OPEN },
    Note: { fields: { ticket: ref('Ticket'), times: integer() }, access: OPEN },
  },
  jobs: {
    remind: {
      as: 'caller',
      input: { ticket: { ref: 'Ticket' }, title: 'Ticket.title', at: 'timestamp', note: 'text?', times: { type: 'integer', default: 1 } },
      steps: [{ update: 'input.ticket', set: { title: 'input.title' } }],
    },
    sweep: { as: 'system', steps: [{ delete: 'Ticket', where: 'dueAt < now()' }] },
    count: { as: 'system', input: { ticket: { ref: 'Ticket' }, by: 'integer' }, run: 'count.ts' },
    bill: { as: 'system', input: { ticket: { ref: 'Ticket' } }, transaction: 'own', run: 'bill.ts' },
    tell: { as: 'caller', run: 'tell.ts' },
  },
  actions: {
    follow: {
      allow: 'true',
      input: { ticket: { ref: 'Ticket' } },
      run: async ({ jobs, input, now }) => {
        await jobs.add('remind', { ticket: input.ticket, title: input.ticket.title, at: now })
        await jobs.add(
          'remind',
          { ticket: input.ticket.id, title: 'x', at: '2026-01-01T00:00:00Z', note: 'soon', times: 2 },
          { delay: '10m' },
        )
        await jobs.add('sweep')
        const wrong = async () => {
          // @ts-expect-error no such job
          await jobs.add('remnd', { ticket: input.ticket, title: 'x', at: now })
          // @ts-expect-error a required input is missing
          await jobs.add('remind', { ticket: input.ticket, at: now })
          // @ts-expect-error all inputs are missing
          await jobs.add('remind')
          // @ts-expect-error no such input
          await jobs.add('remind', { ticket: input.ticket, title: 'x', at: now, colour: 'red' })
          // @ts-expect-error a number is no text
          await jobs.add('remind', { ticket: input.ticket, title: 3, at: now })
          // @ts-expect-error the job takes no input
          await jobs.add('sweep', { ticket: 'x' })
        }
        void wrong
      },
    },
    later: { allow: 'true', run: 'later.ts' },
  },
  integrations: { http: { billing: { baseUrl: 'https://billing.example.com' } } },
})

export default design

export const later: CodeOf<typeof design, 'later'> = async ({ jobs }) => {
  await jobs.add('sweep', {}, { delay: '1h' })
  // @ts-expect-error no such job
  await jobs.add('swep')
  // @ts-expect-error a required input is missing
  await jobs.add('remind', { at: new Date() })
}

export const count: JobOf<typeof design, 'count'> = async ({ db, input, job, jobs }) => {
  const times: number = job.attempt + input.by
  await db.system.Note.create({ ticket: input.ticket.id, times })
  await jobs.add('sweep')
  // @ts-expect-error no such input
  input.tickt
  // @ts-expect-error a title is a text
  const title: number = input.ticket.title
  void title
  // @ts-expect-error no such job
  await jobs.add('swep')
}

export const bill: JobOf<typeof design, 'bill'> = async (ctx) => {
  const { number } = await ctx.services.billing.post<{ readonly number: number }>('/bills', { idempotencyKey: ctx.job.id })
  await ctx.transaction(({ db }) => db.system.Note.create({ ticket: ctx.input.ticket.id, times: number }))
  // @ts-expect-error there are no tables outside of the transaction
  ctx.db
  // @ts-expect-error no such service
  ctx.services.biling
}

export const tell: JobOf<typeof design, 'tell'> = async ({ db, caller }) => {
  const id: string | null = caller.id
  await db.Note.list({ filter: { times: { gt: id === null ? 0 : 1 } } })
  // @ts-expect-error the job has the rights of its caller
  db.system
}

// @ts-expect-error no such job
export const unknown: JobOf<typeof design, 'swep'> = () => {}

backend({
  name: 'wrong',
  entities: { Ticket: { fields: { title: text() }, access: OPEN } },
  jobs: {
    // @ts-expect-error no such entity
    remind: { as: 'caller', input: { ticket: { ref: 'Tickt' } }, steps: [] },
  },
})
