/**
 * Runs tests of a design with one mutant of it: `node --import ./test/actions/mutants/hook.ts`, with MUTANT as the index of the mutant. It
 * wraps five exports: `resolveDesign`, whose models lack the condition; `locksOf`, `locksBehind` and `locksOfChecks`, which lack the lock;
 * and `guardOf`, whose guards lack a part.
 */

import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const MUTATE = pathToFileURL(join(import.meta.dirname, 'mutate.ts')).href

/** The exports that are wrapped, by the end of the address of their module. */
const WRAPPED = [
  { module: '/src/design/resolve/resolve.ts', name: 'resolveDesign', by: 'mutatedModel' },
  { module: '/src/compile/actions/locks/locks.ts', name: 'locksOf', by: 'mutatedLocks' },
  { module: '/src/compile/actions/locks/behind-elements.ts', name: 'locksBehind', by: 'mutatedLocksBehind' },
  { module: '/src/compile/actions/relation-checks.ts', name: 'locksOfChecks', by: 'mutatedCheckLocks' },
  { module: '/src/compile/statements/checks/guard-write.ts', name: 'guardOf', by: 'mutatedGuard' },
] as const

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const wrapped = WRAPPED.find(({ module }) => url.endsWith(module))
    if (wrapped === undefined || loaded.source === undefined || loaded.source === null) return loaded
    const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString()
    const { name, by } = wrapped
    const start = `export function ${name}(`
    if (!source.includes(start)) throw new Error(`${url} exports no function ${name}`)
    const own = source.replace(start, `function ${name}Whole(`).replaceAll(new RegExp(`(?<![\\w.])${name}(?=\\()`, 'g'), `${name}`)
    return { ...loaded, source: `${own}\nimport { ${by} } from '${MUTATE}'\nexport const ${name} = ${by}(${name}Whole)\n` }
  },
})
