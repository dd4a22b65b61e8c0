import type { Actions } from './desk.d.ts'

export default (async ({ jobs, input, now }) => {
  const id: string | null = await jobs.add('remind', { ticket: input.ticket, at: now })
  await jobs.add('remind', { ticket: input.ticket.id, at: now.toISOString(), note: 'soon', times: 2 }, { delay: '10m' })
  await jobs.add('sweep')
  await jobs.add('sweep', {}, { at: now })
  // @ts-expect-error no such job
  await jobs.add('remnd', { ticket: input.ticket, at: now })
  // @ts-expect-error an action is no job
  await jobs.add('tidy')
  // @ts-expect-error a required input is missing
  await jobs.add('remind', { ticket: input.ticket })
  // @ts-expect-error all inputs are missing
  await jobs.add('remind')
  // @ts-expect-error no such input
  await jobs.add('remind', { ticket: input.ticket, at: now, colour: 'red' })
  // @ts-expect-error a number is no text
  await jobs.add('remind', { ticket: input.ticket, at: now, note: 3 })
  // @ts-expect-error a number is no row
  await jobs.add('remind', { ticket: 3, at: now })
  // @ts-expect-error the job takes no input
  await jobs.add('sweep', { ticket: 'x' })
  // @ts-expect-error no such option
  await jobs.add('sweep', {}, { in: '10m' })
  return id
}) satisfies Actions['follow']
