/** Code whose writers all change the one row that they have locked. */

interface Sale {
  readonly db: { readonly system: { readonly Counter: { update(id: string, changes: object): Promise<unknown> } } }
  readonly row: { readonly id: string }
}

/** Counts a sale. */
export async function sell({ db, row }: Sale): Promise<void> {
  await db.system.Counter.update(row.id, { sold: { increment: 1 } })
}
