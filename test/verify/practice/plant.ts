/**
 * Plants a fault in the process that imports this module first (`node --import`): the sources of the modules that the fault changes are
 * changed while they are loaded. The variable PLINTH_FAULT has the id of the fault. Nothing changes on disk.
 */

import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FAULTS } from './faults.ts'
import { patched } from './patched.ts'

const SOURCE = pathToFileURL(join(import.meta.dirname, '../../../src/')).href

const id = process.env.PLINTH_FAULT
const fault = FAULTS.find((one) => one.id === id)
if (fault === undefined) throw new Error(`PLINTH_FAULT is ${id}, which is no fault`)

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const patches = fault.patches.filter(({ file }) => url === `${SOURCE}${file}`)
    if (patches.length === 0 || loaded.source === undefined || loaded.source === null) return loaded
    const text = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString()
    return { ...loaded, source: patched(text, patches) }
  },
})
