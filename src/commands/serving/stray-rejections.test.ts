import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('a rejected promise that nothing waits for is logged, and the process continues', () => {
  const file = join(import.meta.dirname, 'stray-rejections.ts')
  const script = `
    import { reportStrayRejections } from ${JSON.stringify(file)}
    const stop = reportStrayRejections({ observe: ({ message, fields }) => console.log(message, fields.err.split('\\n')[0]) })
    void Promise.reject(new TypeError('stray'))
    void Promise.reject(undefined)
    setTimeout(() => { stop(); console.log('alive') }, 20)`
  const out = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], { encoding: 'utf8' })
  assert.match(
    out,
    /^a promise was rejected that nothing waits for TypeError: stray\na promise was rejected that nothing waits for .*\nalive\n$/,
  )
})
