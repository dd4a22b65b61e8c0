/** Ids of rows that do not exist. */

/** An id that no row of a world has, in the form of another id. */
export function absentId(id: string): string {
  if (/^\d+$/.test(id)) return '999999999'
  return id.includes('-7') ? id.replace(/.{8}$/, 'ffffff00') : `${id}x`
}
