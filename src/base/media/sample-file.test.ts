import assert from 'node:assert/strict'
import test from 'node:test'
import { ANY_BYTES, FILE_KINDS } from './file-kinds.ts'
import { recognise } from './recognise.ts'
import { sampleFile } from './sample-file.ts'

test('each type has a sample that is recognised as it', () => {
  for (const type of [...FILE_KINDS.keys(), ANY_BYTES]) {
    const sample = sampleFile({ accept: [type], max: 1_024 })
    assert.equal(sample?.type, type)
    assert.equal(recognise({ sample: sample.bytes, declared: sample.type, accept: [type] }), type)
  }
})

test('a sample is of an accepted type and not larger than the limit', () => {
  assert.deepEqual(sampleFile({ accept: null, max: 10 }), { type: 'text/plain', bytes: Buffer.from('Sample') })
  assert.equal(sampleFile({ accept: ['image/*'], max: 10 })?.type, 'image/png')
  assert.equal(sampleFile({ accept: ['application/x-tar'], max: 100 }), null)
})
