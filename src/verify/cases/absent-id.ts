/** Ids of rows that do not exist. */

/** An id of the same form as another one that no row of a world has. */
export function absentId(id: string): string {
  if (/^\d+$/.test(id)) return '999999999'
  return id.includes('-7') ? id.replace(/.{8}$/, 'ffffff00') : `${id}x`
}
