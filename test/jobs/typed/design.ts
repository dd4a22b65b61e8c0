import { backend, type CodeOf, integer, ref, text, timestamp } from 'plinth'

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
})

export default design

export const later: CodeOf<typeof design, 'later'> = async ({ jobs }) => {
  await jobs.add('sweep', {}, { delay: '1h' })
  // @ts-expect-error no such job
  await jobs.add('swep')
  // @ts-expect-error a required input is missing
  await jobs.add('remind', { at: new Date() })
}

backend({
  name: 'wrong',
  entities: { Ticket: { fields: { title: text() }, access: OPEN } },
  jobs: {
    // @ts-expect-error no such entity
    remind: { as: 'caller', input: { ticket: { ref: 'Tickt' } }, steps: [] },
  },
})
