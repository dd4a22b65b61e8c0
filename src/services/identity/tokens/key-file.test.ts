import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { loadKeys } from './key-file.ts'

const root = mkdtempSync(join(tmpdir(), 'plinth-keys-'))
after(() => rmSync(root, { recursive: true, force: true }))
const folder = (name: string) => join(root, name, '.plinth')
const development = (name: string) => ({ setting: undefined, mode: 'development', folder: folder(name) }) as const

test('the first start in development makes a key, and the next start reads it', async () => {
  const first = await loadKeys(development('again'))
  const second = await loadKeys(development('again'))
  assert.equal(first.signing.kid, second.signing.kid)
})

test('twenty processes that start at once share one key and leave no other files', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => loadKeys(development('race'))))
  assert.equal(new Set(all.map((keys) => keys.signing.kid)).size, 1)
  assert.deepEqual(readdirSync(folder('race')), ['auth-keys.json'])
})

test('no other user of the machine can read the development key', { skip: process.platform === 'win32' && 'no modes there' }, async () => {
  await loadKeys(development('mode'))
  const file = join(folder('mode'), 'auth-keys.json')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  chmodSync(file, 0o644)
  await loadKeys(development('mode'))
  assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('a damaged development file says which file to delete', async () => {
  await loadKeys(development('damaged'))
  const file = join(folder('damaged'), 'auth-keys.json')
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 40))
  await assert.rejects(loadKeys(development('damaged')), (error: unknown) => {
    assert.ok(error instanceof EnvironmentError)
    assert.match(error.hint, /delete .*auth-keys\.json/)
    return true
  })
})

test('production without AUTH_KEYS does not start, and makes no file', async () => {
  for (const setting of [undefined, '', '  ']) {
    await assert.rejects(loadKeys({ setting, mode: 'production', folder: folder('production') }), /AUTH_KEYS is not set/)
  }
  assert.throws(() => readdirSync(folder('production')), /ENOENT/)
})

test('the setting has priority over the file', async () => {
  const made = await loadKeys(development('both'))
  const setting = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const set = await loadKeys({ ...development('both'), setting })
  assert.notEqual(set.signing.kid, made.signing.kid)
})
