import { problem } from 'plinth'

/** Refuses any change of a note that is signed; only the signature itself may be set. */
export function signed({ row }: { readonly row: { readonly signedAt: string | null } }) {
  if (row.signedAt !== null) throw problem('note_signed')
  return {}
}
