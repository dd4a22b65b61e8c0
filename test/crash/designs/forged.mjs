/** Writes what callers send into the log, in each way that code has. */

export function hook({ input, log }) {
  log.info(input.text, { text: input.text, [input.text]: input.text })
}

export async function act({ input, log, jobs }) {
  log.warn(input.text, { text: [input.text] })
  await jobs.add('job', { text: input.text })
}

export function throwing({ input }) {
  setTimeout(() => {
    throw new Error(input.text)
  })
  throw new Error(input.text)
}

export function job({ input, log }) {
  log.error(input.text)
  throw new Error(input.text)
}

export function reaction({ row }) {
  throw new Error(row.text)
}
