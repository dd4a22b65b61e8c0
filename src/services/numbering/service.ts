/** The numbers of rows as a service of a backend: the table of counters that creates read and write in their own statements. */

import type { Column, Table } from '../../model/database.ts'
import { COUNTERS_TABLE } from '../../model/database.ts'
import type { Service } from '../service.ts'

/**
 * One row for each sequence (`tickets.number`) and scope (the text of its value; empty without `within`): the last number that was given,
 * and how many numbers the latest create took at once.
 */
const COUNTERS: Table = {
  name: COUNTERS_TABLE,
  columns: [required('sequence', 'text'), required('scope', 'text'), required('last', 'bigint'), required('taken', 'bigint')],
  constraints: [{ kind: 'primary-key', name: 'counters_pkey', columns: ['sequence', 'scope'] }],
  indexes: [],
}

/** Counters of the designs that number rows. They never expire. */
export const numberingService: Service = {
  name: 'numbering',
  isUsedBy: (model) => model.entities.some((entity) => entity.fields.some((field) => field.default?.kind === 'sequence')),
  tables: [COUNTERS],
  sweep: async () => 0,
}

function required(name: string, type: string): Column {
  return { name, type, nullable: false, default: null, generated: null, identity: false }
}
