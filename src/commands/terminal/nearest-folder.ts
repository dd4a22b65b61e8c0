/** Whether files can be written to a folder that may not be there yet. */

import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Looks at the nearest folder that exists, and makes nothing. @throws the error of the file system if it may not be written */
export function accessNearestFolder(folder: string): void {
  let there = folder
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  // The slash refuses a file in place of the folder.
  accessSync(join(there, '/'), constants.W_OK)
}
