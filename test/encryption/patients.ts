/** A design with encrypted fields: patients, whose insurance number is found by equality, and their visits. */

import { modelOf } from '../support/resolved.ts'

/** The patients. `open` leaves their fields as they are, without encryption. */
export function patientsDesign(open: 'encrypted' | 'open' = 'encrypted'): Record<string, unknown> {
  const encrypted = (how: unknown) => (open === 'open' ? {} : { encrypted: how })
  return {
    name: 'patients',
    entities: {
      Patient: {
        fields: {
          name: { type: 'text', max: 100 },
          diagnosis: { type: 'text', max: 2_000, optional: true, private: true, ...encrypted(true) },
          insurance: { type: 'text', max: 40, private: true, ...encrypted({ equality: true }) },
          secret: { type: 'text', max: 100, optional: true, read: 'name == "shown"', ...encrypted(true) },
        },
        access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
      },
      Visit: {
        fields: {
          patient: { type: 'ref', entity: 'Patient', inverse: 'visits', onDelete: 'cascade' },
          note: { type: 'text', max: 500, ...encrypted(true) },
        },
        access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
      },
    },
  }
}

/** The model of the patients. */
export const PATIENTS = modelOf(patientsDesign())
