/** Files as a service of a backend. */

import { hasFiles } from '../../model/files/file-fields.ts'
import type { Service } from '../service.ts'
import { fileFunctions, fileTables } from './tables.ts'

/** The files of rows, for designs with files. `sweep.ts` removes them, because their bytes are not in the database. */
export const filesService: Service = {
  name: 'files',
  isUsedBy: hasFiles,
  tables: fileTables,
  functions: fileFunctions,
  sweep: async () => 0,
}
