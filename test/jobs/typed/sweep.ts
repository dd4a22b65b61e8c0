import type { Jobs } from './desk.d.ts'

export default (async ({ jobs }) => {
  await jobs.add('sweep', {}, { delay: '1h' })
  // @ts-expect-error no such job
  await jobs.add('swep')
}) satisfies Jobs['sweep']
