interface Given {
  readonly input: { readonly ticket: { readonly id: string; readonly state: string } }
  readonly log: { info(message: string, fields: object): void }
}

/** Notes that a solved ticket was not reopened within a week. */
export default async function closeLater({ input, log }: Given) {
  if (input.ticket.state === 'solved') log.info('may be closed', { ticket: input.ticket.id })
}
